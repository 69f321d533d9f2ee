package desk

import (
	"strings"
	"testing"
)

func TestDeliveryID(t *testing.T) {
	one := DeliveryID("01HXYZ", []byte("body"))
	if again := DeliveryID("01HXYZ", []byte("body")); again != one {
		t.Errorf("a repetition has another id: %s, %s", one, again)
	}
	seen := map[string]string{one: "the first"}
	for name, id := range map[string]string{
		"another call":         DeliveryID("01HXYY", []byte("body")),
		"another body":         DeliveryID("01HXYZ", []byte("bodies")),
		"no id":                DeliveryID("", []byte("body")),
		"a long id":            DeliveryID(strings.Repeat("a", 100_000), []byte("body")),
		"one that begins like": DeliveryID(strings.Repeat("a", 100_001), []byte("body")),
	} {
		if other := seen[id]; other != "" {
			t.Errorf("%s has the id of %s", name, other)
		}
		if seen[id] = name; len(id) > 100 {
			t.Errorf("%s: %d letters", name, len(id))
		}
	}
}
