package zendesk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"cmp"
)

// statusOrder is what "status<solved" compares by.
var statusOrder = []string{"new", "open", "pending", "hold", "solved", "closed"}

// A searchResult is a ticket that says what it is.
type searchResult struct {
	Ticket
	ResultType string `json:"result_type"`
}

// searchTickets finds the tickets for which every term holds, oldest first. The
// part of the search language that the sandbox doesn't have is refused rather
// than overlooked.
func (d *Desk) searchTickets(terms []string) ([]searchResult, *apiError) {
	z := &d.state
	var tests []func(*Ticket) bool
	for _, term := range terms {
		test := condition(term)
		if test == nil {
			return nil, &apiError{Status: http.StatusUnprocessableEntity, Code: "invalid", Description: "Invalid search: " + term + " is not supported"}
		}
		tests = append(tests, test)
	}
	found := []searchResult{}
	for _, rec := range z.Tickets {
		fits := rec.Ticket.Status != "deleted" && d.lists(rec.Ticket.ID) &&
			!slices.ContainsFunc(tests, func(test func(*Ticket) bool) bool { return !test(&rec.Ticket) })
		if fits {
			found = append(found, searchResult{z.view(rec), "ticket"})
		}
	}
	slices.SortStableFunc(found, func(a, b searchResult) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return found, nil
}

// condition is one term of a query, such as status<solved; nil if it isn't known.
func condition(text string) func(*Ticket) bool {
	i := strings.IndexAny(text, ":<>")
	if i <= 0 {
		return nil
	}
	name, op, value := text[:i], text[i:i+1], strings.Trim(text[i+1:], `"`)
	if op != ":" && strings.HasPrefix(value, "=") {
		op, value = op+"=", value[1:]
	}
	holds := func(order int) bool {
		switch op {
		case "<":
			return order < 0
		case "<=":
			return order <= 0
		case ">":
			return order > 0
		case ">=":
			return order >= 0
		}
		return order == 0
	}
	switch name {
	case "status":
		want := slices.Index(statusOrder, value)
		if want < 0 {
			return nil
		}
		return func(t *Ticket) bool { return holds(cmp.Compare(slices.Index(statusOrder, t.Status), want)) }
	case "created", "updated":
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			at, err = time.Parse(time.DateOnly, value)
		}
		if err != nil || op == ":" {
			return nil
		}
		return func(t *Ticket) bool {
			if name == "created" {
				return holds(t.CreatedAt.Compare(at))
			}
			return holds(t.UpdatedAt.Compare(at))
		}
	}
	if name == "tags" && op == ":" {
		return func(t *Ticket) bool { return slices.Contains(t.Tags, value) }
	}
	return nil
}

// terms cuts a query at its spaces, outside quotes.
func terms(query string) []string {
	quoted := false
	return strings.FieldsFunc(query, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
}

// search answers pages of at most 100 and 1000 rows in all.
func (d *Desk) search(c *call) (any, *apiError) {
	list := terms(c.URL.Query().Get("query"))
	i := slices.Index(list, "type:ticket")
	if i < 0 {
		return nil, &apiError{Status: http.StatusUnprocessableEntity, Code: "invalid", Description: "Invalid search: only type:ticket is supported"}
	}
	found, e := d.searchTickets(slices.Delete(list, i, i+1))
	if e != nil {
		return nil, e
	}
	if len(found) > 1000 {
		if number, _ := c.number("page", 1); number > 10 {
			return nil, &apiError{Status: http.StatusUnprocessableEntity, Code: "invalid", Description: "Invalid search: Requested response size was greater than Search Response Limits"}
		}
	}
	return page(c, "results", found)
}

// searchExport names the type in filter[type], never in the query.
func (d *Desk) searchExport(c *call) (any, *apiError) {
	q := c.URL.Query()
	list := terms(q.Get("query"))
	if q.Get("filter[type]") != "ticket" || slices.ContainsFunc(list, func(t string) bool { return strings.HasPrefix(t, "type:") }) {
		return nil, &apiError{Status: http.StatusUnprocessableEntity, Code: "invalid",
			Description: "Invalid search: the type must be in filter[type], which is ticket here, and not in the query"}
	}
	found, e := d.searchTickets(list)
	if e != nil {
		return nil, e
	}
	part, meta, links, e := cursorPage(c, found, 1000)
	if e != nil {
		return nil, e
	}
	return map[string]any{"results": part, "facets": nil, "meta": meta, "links": links}, nil
}
