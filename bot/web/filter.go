package web

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vigie/bot/store"
	"vigie/rules"
)

// A filter is what the reader wants to see: everything where it is empty. It stands in
// the page's query, so every link of the page keeps it, and a bookmark is one.
type filter struct {
	source   string
	state    standing
	text     string // in the ticket's names
	holder   string // an address, or mine or nobody
	team     string
	policy   string
	priority string
	clause   string
	me       string // who mine is; "" = nobody has said
}

// What the query says instead of an address.
const (
	mine   = "me"
	nobody = "nobody"
)

// narrowing are the names of the query that a filter reads.
var narrowing = []string{"q", "source", "state", "holder", "team", "policy", "priority", "clause"}

func readFilter(q url.Values, me string) filter {
	f := filter{source: q.Get("source"), state: standing(q.Get("state")), text: strings.TrimSpace(q.Get("q")), me: me,
		holder: q.Get("holder"), team: q.Get("team"), policy: q.Get("policy"), priority: q.Get("priority"), clause: q.Get("clause")}
	if f.state != untriaged && f.state.Rank() < 0 {
		f.state = ""
	}
	if f.holder == mine && me == "" {
		f.holder = ""
	}
	return f
}

func (f filter) empty() bool { return f == filter{me: f.me} }

// view is the filter as the store narrows by it; addresses are all by which somebody is
// known.
func (f filter) view(addresses func(string) []string) store.View {
	v := store.View{Source: f.source, Search: store.Fold(f.text), Team: f.team, Policy: f.policy, Priority: f.priority, Clause: f.clause}
	switch f.holder {
	case "":
	case nobody:
		v.Holders = []string{""}
	default:
		who := f.holder
		if who == mine {
			who = f.me
		}
		v.Holders = []string{who}
		if addresses != nil {
			v.Holders = append(v.Holders, addresses(who)...)
		}
	}
	return v
}

// A choice is one of the board's lists to choose from.
type choice struct {
	Name, Label, Any string
	Options          []option
}

// choices are what the filter can be set to: the policies' own names, and whom and
// which teams the tickets have now.
func (s *Server) choices(ctx context.Context, f filter, w speech) (first, more []choice, err error) {
	holders, err := s.Store.Holders(ctx)
	if err != nil {
		return nil, nil, err
	}
	teams, err := s.Store.Teams(ctx)
	if err != nil {
		return nil, nil, err
	}
	held := choice{Name: "holder", Label: w.Say("label.holder"), Any: w.Say("board.any_holder")}
	if f.me != "" {
		held.Options = append(held.Options, option{mine, w.Say("board.mine"), f.holder == mine})
	}
	held.Options = append(held.Options, option{nobody, w.Say("board.nobody"), f.holder == nobody})
	held.add(f.holder, holders)
	states := choice{Name: "state", Label: w.Say("label.state"), Any: w.Say("board.any_state")}
	for _, st := range append(slices.Clone(rules.Standings), untriaged) {
		states.Options = append(states.Options, option{string(st), w.standing(st), f.state == st})
	}
	first = []choice{held, states}
	policies, priorities, clauses := s.written(w)
	for _, c := range []struct {
		name, label, any, chosen string
		values                   []string
	}{
		{"team", "label.team", "board.any_team", f.team, teams},
		{"source", "label.source", "board.any_source", f.source, slices.Sorted(maps.Keys(s.Policies))},
		{"policy", "label.policy", "board.any_policy", f.policy, slices.Sorted(maps.Keys(policies))},
		{"priority", "label.priority", "board.any_priority", f.priority, priorities},
		{"clause", "label.clause", "board.any_clause", f.clause, clauses},
	} {
		list := choice{Name: c.name, Label: w.Say(c.label), Any: w.Say(c.any)}
		list.add(c.chosen, c.values)
		for i := range list.Options {
			if c.name == "policy" {
				list.Options[i].Label = cmp.Or(policies[list.Options[i].Value], list.Options[i].Value)
			}
		}
		more = append(more, list)
	}
	return first, more, nil
}

// add lists values to choose from, and what is chosen even if no ticket has it now.
func (c *choice) add(chosen string, values []string) {
	if chosen != "" && !slices.Contains(values, chosen) && !slices.ContainsFunc(c.Options, func(o option) bool { return o.Value == chosen }) {
		values = append([]string{chosen}, values...)
	}
	for _, v := range values {
		c.Options = append(c.Options, option{v, v, v == chosen})
	}
}

// Chosen says that one of the list is.
func (c choice) Chosen() bool {
	return slices.ContainsFunc(c.Options, func(o option) bool { return o.Chosen })
}

// written are the policies' titles by their names, and their priorities and clauses,
// in the order in which they write them.
func (s *Server) written(w speech) (policies map[string]string, priorities, clauses []string) {
	policies = map[string]string{}
	once := func(list *[]string, name string) {
		if name != "" && !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, source := range slices.Sorted(maps.Keys(s.Policies)) {
		for _, p := range s.Policies[source] {
			policies[p.Name] = p.Titles.In(w.Tag)
			for _, pr := range p.Priorities {
				once(&priorities, pr.Name)
			}
			for _, t := range p.Targets {
				once(&clauses, t.Clause)
			}
		}
	}
	return policies, priorities, clauses
}

// meCookie remembers who the reader says he is. It opens nothing: it only says whose
// tickets are his.
const (
	meCookie = "vigie_me"
	longest  = 254 // of an e-mail address
)

// me is who reads: whom the proxy or OpenID Connect has signed in, else whom he has said
// he is; "" if neither.
func (s *Server) me(r *http.Request) (who string, signedIn bool) {
	if who = s.reader(r); who != "" {
		return who, true
	}
	if c, err := r.Cookie(meCookie); err == nil {
		if text, err := url.QueryUnescape(c.Value); err == nil && len(text) <= longest {
			return text, false
		}
	}
	return "", false
}

// sayMe remembers who the reader says he is, or forgets it, and goes on to his tickets.
func (g *gate) sayMe(w http.ResponseWriter, r *http.Request) error {
	s := g.Server
	if err := g.ownForm(w, r); err != nil {
		return err
	}
	who := strings.TrimSpace(r.PostForm.Get("me"))
	if len(who) > longest {
		return &refusal{http.StatusBadRequest, speak(r).Say("refusal.bad_form")}
	}
	c := &http.Cookie{Name: meCookie, Value: url.QueryEscape(who), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.encrypted(r)}
	holder := mine
	if who == "" {
		c.MaxAge, holder = -1, ""
	}
	http.SetCookie(w, c)
	http.Redirect(w, r, s.page(r).Link("/", "holder", holder), http.StatusSeeOther)
	return nil
}
