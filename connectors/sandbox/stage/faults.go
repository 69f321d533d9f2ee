package stage

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
)

const (
	MaxBody  = 8 << 20 // of a request, in bytes
	maxCalls = 20_000  // remembered per vendor
)

// A Fault is one way for a vendor to fail.
type Fault struct {
	Status     int    // 500 if zero
	RetryAfter string // the header's text, if any
	Location   string // the header's text, if any
	Body       string
	AfterWork  bool // do the work, then fail: the caller can't know that it was done
	Drop       bool // close the connection without an answer
	Hang       bool // answer nothing, and keep the connection until the caller gives up
}

// Faults makes vendors fail: FailNext for some requests, Down for all, Misbehave
// for as long as a manner is switched on. The zero value lets everything work; its
// methods may be called at any time.
type Faults struct {
	mu      sync.Mutex
	next    map[string][]Fault
	down    map[string]bool
	manners map[string]map[string]Manner // that there are, by vendor and name
	on      map[string]map[string]bool   // those that are switched on
}

// FailNext makes the vendor's next n requests fail with f, after the failures
// already asked for.
func (f *Faults) FailNext(vendor string, n int, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[string][]Fault{}
	}
	for range n {
		f.next[vendor] = append(f.next[vendor], fault)
	}
}

// Down makes the vendor answer 503 to everything, until it is up again.
func (f *Faults) Down(vendor string, down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down == nil {
		f.down = map[string]bool{}
	}
	f.down[vendor] = down
}

// take is the fault that the vendor's request meets: that of a FailNext before
// that of a manner.
func (f *Faults) take(vendor string, r *http.Request) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down[vendor] {
		return Fault{Status: http.StatusServiceUnavailable, Body: "Service Unavailable"}, true
	}
	if len(f.next[vendor]) > 0 {
		fault := f.next[vendor][0]
		f.next[vendor] = f.next[vendor][1:]
		return fault, true
	}
	for _, name := range slices.Sorted(maps.Keys(f.on[vendor])) {
		if m := f.manners[vendor][name]; m.Fault != nil {
			if fault, failing := m.Fault(r); failing {
				return fault, true
			}
		}
	}
	return Fault{}, false
}

// A Call is a request that a vendor saw.
type Call struct {
	Method string
	Path   string
	Query  string
	Status int  // 0 if there was no answer
	Write  bool // it asked for a change
}

// Calls lists the requests that the vendor saw, oldest first; of very many,
// the last ones.
func (s *Stage) Calls(vendor string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls[vendor])
}

// serve runs a vendor's handler under the lock and applies the fault that
// awaits this request.
func (s *Stage) serve(v Vendor, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err != nil {
			http.Error(w, "request body can't be read", http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		call := Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Write: v.Writes(r)}

		out := &response{header: http.Header{}, status: http.StatusOK}
		out.header.Set("Date", s.Real().UTC().Format(http.TimeFormat))
		fault, failing := s.Faults.take(v.Name, r)
		if !failing || fault.AfterWork {
			s.Do(func() { h.ServeHTTP(out, r) })
		}
		if failing {
			out = fault.response()
		}
		fault.Hang = fault.Hang || out.hang
		if !fault.Drop && !fault.Hang {
			call.Status = out.status
		}
		s.record(v.Name, call)
		s.Log.Debug("answered", "vendor", v.Name, "method", call.Method, "path", call.Path, "status", call.Status)
		if fault.Hang {
			<-r.Context().Done()
		}
		if fault.Drop || fault.Hang {
			panic(http.ErrAbortHandler) // the documented way to close the connection without an answer
		}
		out.send(w)
	})
}

func (s *Stage) record(vendor string, c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := append(s.calls[vendor], c)
	if len(list) > maxCalls {
		list = slices.Clone(list[len(list)-maxCalls/2:])
	}
	s.calls[vendor] = list
}

func (f Fault) response() *response {
	out := &response{header: http.Header{}, status: cmp.Or(f.Status, http.StatusInternalServerError)}
	out.header.Set("Content-Type", "application/json; charset=utf-8")
	if f.RetryAfter != "" {
		out.header.Set("Retry-After", f.RetryAfter)
	}
	if f.Location != "" {
		out.header.Set("Location", f.Location)
	}
	out.body.WriteString(f.Body)
	return out
}

// response is an answer that waits to be sent.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
	wrote  bool
	hang   bool // the handler wants no answer to be given
}

// Hang leaves a request without an answer, until its caller gives up. w is what the
// handler was given.
func Hang(w http.ResponseWriter) {
	if out, ok := w.(*response); ok {
		out.hang = true
	}
}

func (o *response) Header() http.Header { return o.header }

func (o *response) WriteHeader(status int) {
	if !o.wrote {
		o.wrote, o.status = true, status
	}
}

func (o *response) Write(b []byte) (int, error) {
	o.WriteHeader(http.StatusOK)
	return o.body.Write(b)
}

func (o *response) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), o.header)
	w.WriteHeader(o.status)
	_, _ = w.Write(o.body.Bytes()) // the caller has gone: nothing to do about it
}
