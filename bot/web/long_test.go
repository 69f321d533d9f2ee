package web_test

import (
	"html"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/rules"
)

// long is a ticket with so many changes: answers, and waits for the customer.
func long(id string, changes int) *rules.Ticket {
	at := monday("09:00:00").AddDate(0, 0, -150)
	t := &rules.Ticket{ID: id, Subject: "A long story", Text: "It goes on", Kind: "problem", Status: rules.Open, Priority: "normal", CreatedAt: at, Organization: "Acme", Group: "Support Berlin"}
	for i := range changes {
		at = at.Add(20 * time.Minute)
		switch i % 3 {
		case 0:
			t.Events = append(t.Events, rules.Event{At: at, Type: rules.ReplyEvent, By: rules.ByAgent, Public: true})
		case 1:
			t.Events = append(t.Events, rules.Event{At: at, Type: rules.StatusEvent, To: string(rules.WaitingCustomer)})
		case 2:
			t.Events = append(t.Events, rules.Event{At: at, Type: rules.ReplyEvent, By: rules.ByCustomer, Public: true}, rules.Event{At: at, Type: rules.StatusEvent, To: string(rules.Open)})
		}
	}
	return t
}

// peak is how much memory is in use at most while f runs, beyond what was before.
func peak(f func()) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, uint64(0)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-end:
				return
			case <-time.After(20 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}()
	f()
	close(end)
	<-ended
	return most - min(most, before)
}

// read has so many readers ask for a page at once.
func read(t *testing.T, url string, readers int) int {
	t.Helper()
	var all sync.WaitGroup
	sizes := make([]int, readers)
	for i := range readers {
		all.Go(func() {
			resp, err := http.Get(url)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			n, err := io.Copy(io.Discard, resp.Body)
			if err != nil {
				t.Error(err)
			}
			if resp.StatusCode != 200 {
				t.Error(resp.Status)
			}
			sizes[i] = int(n)
		})
	}
	all.Wait()
	return slices.Max(sizes)
}

// A ticket of 7,500 changes has a page that is no larger than others, and thirty
// readers of it take no more memory than one.
func TestLongTicket(t *testing.T) {
	h := build(t, monday("15:00:00"), long("1", 7500))
	h.use(t, nextReplyPolicy)
	h.settle(t)
	server, _ := h.serve(t)
	for _, readers := range []int{1, 30} {
		size := 0
		began := time.Now()
		memory := peak(func() { size = read(t, server.URL+"/tickets/zendesk/1", readers) })
		t.Logf("%d readers: %d KB each, %d MB of memory, %s", readers, size>>10, memory>>20, time.Since(began))
		if size > 300<<10 || memory > 400<<20 {
			t.Errorf("%d readers: a page of %d KB, and %d MB of memory", readers, size>>10, memory>>20)
		}
	}
}

var (
	headings = regexp.MustCompile(`<(?:h2|summary)>(Status update|Next reply)(?:, cycle (\d+))?`)
	earlier  = regexp.MustCompile(`<a href="([^"]+)">Earlier: (\d+) more</a>`)
	later    = regexp.MustCompile(`<a href="([^"]+)">Later: (\d+) more</a>`)
)

// What isn't on the page is on others, which it leads to.
func TestEveryCycleCanBeReached(t *testing.T) {
	h := build(t, monday("15:00:00"), long("1", 60))
	h.use(t, nextReplyPolicy)
	h.settle(t)
	seen := map[string]int{}
	address := "/tickets/zendesk/1"
	for range 10 {
		page := h.get(t, address)
		for _, m := range headings.FindAllStringSubmatch(page, -1) {
			if m[1] == "Status update" {
				seen[m[2]]++
			}
		}
		links := earlier.FindAllStringSubmatch(page, -1)
		i := slices.IndexFunc(links, func(m []string) bool { return strings.Contains(m[1], "#update") })
		if address != "/tickets/zendesk/1" && !later.MatchString(page) {
			t.Errorf("%s leads to nothing later", address)
		}
		if i < 0 {
			break
		}
		address, _, _ = strings.Cut(html.UnescapeString(links[i][1]), "#")
	}
	if len(seen) < 15 {
		t.Errorf("only cycles %v were reached", seen)
	}
	for cycle, n := range seen {
		if n != 1 {
			t.Errorf("cycle %q is on %d pages", cycle, n)
		}
	}
	if page := h.get(t, "/tickets/zendesk/1?update=-7&log=x&actions=99999999999999999999"); !strings.Contains(page, "Status update") {
		t.Error("odd numbers show nothing")
	}
	expectWords(t, h.get(t, "/tickets/zendesk/1"), "more, which vigie explain zendesk:1 shows")
	expectWords(t, h.get(t, "/tickets/zendesk/1?lang=fr"), "Plus anciens : 15", "que montre vigie explain zendesk:1")
}

const nextReplyPolicy = acmePolicy + `
[[targets]]
metric = "update"
within = { urgent = "1 business hour", normal = "1 business day" }
[[targets]]
metric = "next_reply"
within = { urgent = "1 business hour", normal = "1 business day" }
`
