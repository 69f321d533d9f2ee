package rest

import "sync"

// A Portion is how many of a kind are asked for at once. What a vendor can't put
// together in time it answers with a 504 after a minute, or not at all, however often
// the same is asked (github.com/airbytehq/airbyte/issues/52059): so half is asked for
// then, down to one, and a twentieth of the most again after good answers. It may be
// used by several goroutines.
type Portion struct {
	Most   int // what the vendor takes
	Steady int // good answers in a row after which more is asked for; 1 if 0

	mu   sync.Mutex
	size int // Most, if 0
	good int // answers in a row at this size
}

// Size is how many to ask for.
func (p *Portion) Size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.size == 0 {
		return p.Most
	}
	return p.size
}

// Answered notes a good answer to so many. That to fewer than might have been asked
// for says nothing of more.
func (p *Portion) Answered(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.size == 0 || n < p.size {
		return
	}
	if p.good++; p.good >= p.Steady {
		p.good, p.size = 0, min(p.Most, p.size+max(1, p.Most/20))
	}
}

// TooMany notes that so many weren't answered in time.
func (p *Portion) TooMany(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if half := max(1, n/2); p.size == 0 || half < p.size {
		p.size = half
	}
	p.good = 0
}

// AtLeast notes that it was one of them that wasn't answered, and not that they were
// many, as far as so many others were.
func (p *Portion) AtLeast(others int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size = max(p.size, others)
}
