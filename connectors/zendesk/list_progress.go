package zendesk

import (
	"errors"
	"fmt"
	"hash/maphash"
	"sync"

	"vigie/connectors/rest"
)

// A listProgress remembers the rows of a list that were shown since it was last read to its
// end. A vendor's pages may repeat for ever under new cursors; what tells such a list from
// a long one is that its pages have nothing new.
type listProgress struct {
	mu          sync.Mutex
	seen, older map[uint64]struct{} // hashes of its rows; older are given up when seen is full
	idle        int                 // pages in a row with nothing new
}

const (
	mostIdle = 3       // pages in a row that may bring nothing new
	mostSeen = 100_000 // rows of each half of what is remembered
)

var errEndless = errors.New("the list doesn't end")

var seed = maphash.MakeSeed()

// begin forgets what was shown: the list is read from its beginning.
func (t *listProgress) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen, t.older, t.idle = nil, nil, 0
}

// addPage takes a page's rows, each as a text that changes with the row; ended says that
// the list is at its end. The page is stale if nothing on it is new although the list goes
// on. After several stale pages in a row the error says that the list doesn't end; it
// comes again only after as many more.
func (t *listProgress) addPage(rows []string, ended bool) (stale bool, err error) {
	if ended {
		t.begin()
		return false, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	stale = true
	for _, row := range rows {
		h := maphash.String(seed, row)
		_, known := t.seen[h]
		if _, longAgo := t.older[h]; known || longAgo {
			continue
		}
		stale = false
		if t.seen == nil || len(t.seen) == mostSeen {
			t.seen, t.older = map[uint64]struct{}{}, t.seen
		}
		t.seen[h] = struct{}{}
	}
	if !stale {
		t.idle = 0
		return false, nil
	}
	if t.idle++; t.idle == mostIdle {
		t.idle = 0
		return true, fmt.Errorf("%w: %d pages in a row brought nothing new, and each says that there is more", errEndless, mostIdle)
	}
	return true, nil
}

// noNext is for a page that has another after it, and doesn't say which.
func noNext(path string) error {
	return &rest.NotTheAPI{Method: "GET", Path: path, Was: "a page that has another after it and doesn't say which"}
}
