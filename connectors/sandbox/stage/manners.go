package stage

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A Manner is a way in which a vendor is known to behave badly. It is switched on
// by its name and lasts until it is switched off.
type Manner struct {
	About string // what the vendor does, for people
	// Fault is what a request meets while the manner is on; nil, if the vendor's
	// handlers ask Faults.Has and behave so themselves.
	Fault func(*http.Request) (Fault, bool)
}

// NotTheAPIs are answers of 200 that don't come from the API: a proxy's, a login
// page's, a gateway's that has lost what is behind it.
func NotTheAPIs() map[string]Manner {
	all := map[string]Manner{}
	for name, body := range map[string]string{
		"empty-object": `{}`,
		"empty-list":   `[]`,
		"null":         `null`,
		"error-object": `{"error":"upstream unavailable"}`,
		"html":         `<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Log in to continue</form></body></html>`,
		"bom":          "\ufeff{}",
		"nothing":      ``,
	} {
		all[name] = Manner{
			About: fmt.Sprintf("answers 200 with %.20q, and does nothing", body),
			Fault: func(*http.Request) (Fault, bool) { return Fault{Status: http.StatusOK, Body: body}, true },
		}
	}
	return all
}

// Misbehave switches a vendor's manner on. Its error lists the names that there are.
func (f *Faults) Misbehave(vendor, name string) error { return f.turn(vendor, name, true) }

// Behave switches a vendor's manner off.
func (f *Faults) Behave(vendor, name string) error { return f.turn(vendor, name, false) }

func (f *Faults) turn(vendor, name string, on bool) error {
	if _, ok := f.manners[vendor][name]; !ok {
		return fmt.Errorf("%s has no manner %q; it has %s", vendor, name, strings.Join(f.Manners(vendor), ", "))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.on == nil {
		f.on = map[string]map[string]bool{}
	}
	if f.on[vendor] == nil {
		f.on[vendor] = map[string]bool{}
	}
	if on {
		f.on[vendor][name] = true
	} else {
		delete(f.on[vendor], name)
	}
	return nil
}

// mannersRoutes let people switch manners at /sandbox/manners, by GET, PUT and DELETE.
func (s *Stage) mannersRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox/manners", func(w http.ResponseWriter, _ *http.Request) {
		for _, vendor := range slices.Sorted(maps.Keys(s.vendors)) {
			for _, name := range s.Faults.Manners(vendor) {
				state := "off"
				if s.Faults.Has(vendor, name) {
					state = "on"
				}
				fmt.Fprintf(w, "%-3s  %s/%s: %s\n", state, vendor, name, s.vendors[vendor].Manners[name].About)
			}
		}
	})
	turn := func(on bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := s.Faults.turn(r.PathValue("vendor"), r.PathValue("name"), on); err != nil {
				http.Error(w, err.Error(), http.StatusNotFound)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		}
	}
	mux.HandleFunc("PUT /sandbox/manners/{vendor}/{name}", turn(true))
	mux.HandleFunc("DELETE /sandbox/manners/{vendor}/{name}", turn(false))
}

// Has says whether a vendor's manner is switched on.
func (f *Faults) Has(vendor, name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.on[vendor][name]
}

// Manners are the names of a vendor's manners, in order.
func (f *Faults) Manners(vendor string) []string { return slices.Sorted(maps.Keys(f.manners[vendor])) }
