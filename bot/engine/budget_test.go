package engine

import (
	"testing"
	"time"
)

// Each budget leaves room for what it bounds.
func TestBudgets(t *testing.T) {
	for what, c := range map[string]struct{ inner, outer time.Duration }{
		"a batch that is read late is stored within its part":           {readLimit + saving, partLimit},
		"a part that is begun last ends within its round":               {roundTime + partLimit, roundLimit},
		"a round that is cut off has stored what it did within a lease": {roundLimit + saving, lease},
		"a lease has come to its end before its round counts as hung":   {lease, hung},
		"a vendor's job is asked about again within a round":            {longestJobCheck, roundLimit},
	} {
		if c.inner > c.outer {
			t.Errorf("%s: %s, and %s for it", what, c.inner, c.outer)
		}
	}
}
