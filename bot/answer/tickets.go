package answer

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"vigie/bot/store"
	"vigie/rules"
)

// listShown is how many tickets a list names: what one reads before acting.
const listShown = 15

// A found ticket is one with what presses most of it.
type found struct {
	row      *store.Row
	foremost rules.Alert
}

// tickets are the picked tickets of which something is still to be done, the most
// pressing first, and of which holds says so.
func (a *Answerer) tickets(ctx context.Context, p store.Pick, holds func(found) bool) ([]found, error) {
	var list []found
	now := a.Now()
	err := a.Store.EachPicked(ctx, p, func(r *store.Row) error {
		if r.Ticket == nil || r.Problem != "" {
			return nil
		}
		v, err := a.Engine.Judge(r)
		if err != nil {
			return nil // its source is not in the configuration, or nobody can judge it: the board tells of it
		}
		if foremost, open := v.Foremost(r.Ticket, now); open && holds(found{r, foremost}) {
			list = append(list, found{r, foremost})
		}
		return nil
	})
	slices.SortFunc(list, pressing)
	return list, err
}

// pressing puts what presses most first.
func pressing(x, y found) int {
	return cmp.Or(x.foremost.Stand().Pressing(y.foremost.Stand()), cmp.Compare(x.row.Source, y.row.Source), cmp.Compare(x.row.ID, y.row.ID))
}

// shown are what a list shows of some tickets, and how many are left out.
func shown(list []found) (alerts []rules.Alert, more int) {
	for _, f := range list[:min(len(list), listShown)] {
		alerts = append(alerts, f.foremost)
	}
	return alerts, len(list) - len(alerts)
}

// mine are the tickets that somebody has taken, or that are assigned to him at the
// vendor.
func (a *Answerer) mine(ctx context.Context, who rules.Person) ([]found, error) {
	says := []string{who.ID, who.Email}
	for _, source := range a.Engine.Sources {
		says = append(says, a.address(source.Name, who))
	}
	slices.Sort(says)
	return a.tickets(ctx, store.Pick{Saying: slices.Compact(says)}, func(f found) bool { return a.holds(f, who) })
}

// holds says that somebody sees to a ticket.
func (a *Answerer) holds(f found, who rules.Person) bool {
	if holder, _, taken := f.row.Ticket.Holder(); taken && (holder.ID != "" && holder.ID == who.ID || same(holder.Email, who.Email)) {
		return true
	}
	return same(f.foremost.Assignee, a.address(f.row.Source, who))
}

// address is what somebody is known by at a source; empty where the chat doesn't tell
// his.
func (a *Answerer) address(source string, who rules.Person) string {
	if who.Email == "" || a.Engine.VendorAddress == nil {
		return who.Email
	}
	return a.Engine.VendorAddress(source, who.Email)
}

func same(a, b string) bool { return a != "" && strings.EqualFold(a, b) }

// of are the tickets that some teams have to see to.
func (a *Answerer) of(ctx context.Context, teams []string) (list []found, err error) {
	for _, team := range teams {
		its, err := a.tickets(ctx, store.Pick{Group: team}, func(f found) bool { return store.Fold(f.foremost.Group) == store.Fold(team) })
		if err != nil {
			return nil, err
		}
		list = append(list, its...)
	}
	slices.SortFunc(list, pressing)
	return list, nil
}

// teamsOf are the teams of somebody: those whose group in Slack he is in, or else those
// that his tickets are of.
func (a *Answerer) teamsOf(ctx context.Context, user string, his []found) (teams []string, err error) {
	for team, group := range a.Engine.Teams {
		members, err := a.Slack.Members(ctx, group)
		if err != nil {
			return nil, err
		}
		if slices.Contains(members, user) {
			teams = append(teams, team)
		}
	}
	if len(teams) == 0 {
		for _, f := range his {
			if f.foremost.Group != "" {
				teams = append(teams, f.foremost.Group)
			}
		}
	}
	slices.Sort(teams)
	return slices.Compact(teams), nil
}

// named finds a ticket by what somebody wrote: "zendesk:42", a link, or 42 where one
// source has it. Without a ticket, several are its names where it could be any of them.
func (a *Answerer) named(ctx context.Context, ref string) (row *store.Row, several []string, err error) {
	if link := webLink(ref); link != nil {
		row, err = a.linked(ctx, link)
		return row, nil, err
	}
	if source, id, ok := strings.Cut(ref, ":"); ok {
		row, err = a.ticket(ctx, source, id)
		return row, nil, err
	}
	for _, source := range a.Engine.Sources {
		r, err := a.ticket(ctx, source.Name, ref)
		if err != nil {
			return nil, nil, err
		}
		if r != nil {
			row, several = r, append(several, source.Name+":"+r.ID)
		}
	}
	if len(several) > 1 {
		return nil, several, nil
	}
	return row, nil, nil
}

// ticket is a ticket that was read; keys may be written in small letters. Nil: there is
// none.
func (a *Answerer) ticket(ctx context.Context, source, id string) (*store.Row, error) {
	id = strings.TrimPrefix(id, "#")
	if a.Engine.Source(source) == nil || id == "" || len(id) > 100 {
		return nil, nil
	}
	for _, id := range slices.Compact([]string{id, strings.ToUpper(id)}) {
		r, err := a.Store.Ticket(ctx, source, id)
		if err != nil {
			return nil, fmt.Errorf("look %s:%s up: %w", source, id, err)
		}
		if r != nil && r.Ticket != nil {
			return r, nil
		}
	}
	return nil, nil
}

// linked is the ticket that a link leads to: at its vendor, where it is the address that
// the vendor gives of it, or on the board. Nil: to none that is known.
func (a *Answerer) linked(ctx context.Context, link *url.URL) (*store.Row, error) {
	if base, err := url.Parse(a.PublicURL); err == nil && a.PublicURL != "" && same(base.Host, link.Host) {
		if source, id, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(link.Path, base.Path), "/tickets/"), "/"); ok {
			return a.ticket(ctx, source, id)
		}
		return nil, nil
	}
	for _, source := range a.Engine.Sources {
		r, err := a.ticket(ctx, source.Name, path.Base(link.Path))
		if err != nil || r != nil && leadsTo(r.Ticket.URL, link) {
			return r, err
		}
	}
	return nil, nil
}

// leadsTo says that a link is an address, whatever its query and fragment.
func leadsTo(address string, link *url.URL) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, link.Host) && strings.TrimSuffix(u.Path, "/") == strings.TrimSuffix(link.Path, "/")
}

// webLink is what was written as a link, as Slack hands it over or as it is typed; nil if
// it isn't one.
func webLink(text string) *url.URL {
	text, _, _ = strings.Cut(strings.Trim(text, "<>"), "|")
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil
	}
	return u
}
