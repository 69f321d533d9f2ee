package jira_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/connectors/jira"
	"vigie/connectors/sandbox"
)

var least = []string{"read:jira-work", "write:jira-work", "read:jira-user"}

// A token with scopes does all that Vigie needs at Atlassian's gateway, as a password
// and as a bearer; what people are shown leads to the site.
func TestScopedToken(t *testing.T) {
	for name, change := range map[string]func(*jira.Config){
		"with an address": func(*jira.Config) {},
		"as a bearer":     func(cfg *jira.Config) { cfg.Email = "" },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDeskOf(t, sandbox.JiraOptions{Scopes: least}, change)
			d.Jira().AddProject("DEV", "Development")
			key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
			d.after(t, time.Minute, d.Jira().Comment(key, agent, "on it", true))
			d.after(t, time.Minute, d.Check(t.Context()))
			if page, err := d.Changes(t.Context(), "", d.now.Add(-time.Hour)); err != nil || len(page.Changes) != 1 {
				t.Errorf("changes: got %+v, %v", page, err)
			}
			got := d.read(t, key)
			if got.Ticket == nil || got.Ticket.URL != "https://acme.atlassian.net/browse/"+key {
				t.Errorf("read: got %+v", got.Ticket)
			}
			errs, err := d.Write(t.Context(), []desk.Edit{{ID: key, AddTags: []string{"a"}, Fields: map[string]string{due: "2026-11-24T10:00:00Z"}}})
			if err := errors.Join(append(errs, err)...); err != nil {
				t.Error(err)
			}
			made, err := d.Escalate(t.Context(), outage)
			if err != nil || made.URL != "https://acme.atlassian.net/browse/"+made.Key {
				t.Errorf("escalate: got %+v, %v", made, err)
			}
			if err := d.Link(t.Context(), made.ID, away); err != nil {
				t.Error(err)
			}
			for _, f := range d.Inspect(t.Context(), "") {
				if f.Weight == findings.Wrong {
					t.Errorf("check --online: %v", f)
				}
			}
		})
	}
}

// At the site's own address a token with scopes is nobody's: check says which address
// takes it.
func TestScopedTokenAtTheSite(t *testing.T) {
	d := newDeskOf(t, sandbox.JiraOptions{Scopes: least}, func(cfg *jira.Config) { cfg.URL = strings.TrimSuffix(cfg.URL, gateway) })
	found := d.Inspect(t.Context(), "")
	if len(found) != 1 || found[0].Weight != findings.Wrong || !strings.Contains(found[0].Remedy, `write url = "https://api.atlassian.com`+gateway+`"`) ||
		!strings.Contains(found[0].FR.Remedy, `écrire url = "https://api.atlassian.com`+gateway+`"`) {
		t.Errorf("got %v", found)
	}
}

// What Atlassian's gateway refuses is told of the gateway: a token without scopes
// belongs to the site, and a cloudId that there isn't is looked up there.
func TestRefusedAtTheGateway(t *testing.T) {
	for name, c := range map[string]struct {
		url            func(site string) string
		remedy, french string
	}{
		"a token without scopes": {func(site string) string { return site + gateway },
			"a token without scopes is taken at the site's own address", "un jeton sans portées est pris à l'adresse du site"},
		"another cloudId": {func(site string) string { return site + "/ex/jira/00000000-none" },
			"_edge/tenant_info", "_edge/tenant_info"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDeskOf(t, sandbox.JiraOptions{}, func(cfg *jira.Config) { cfg.URL = c.url(strings.TrimSuffix(cfg.URL, gateway)) })
			found := d.Inspect(t.Context(), "")
			if len(found) != 1 || found[0].Weight != findings.Wrong || !strings.Contains(found[0].Remedy, c.remedy) || !strings.Contains(found[0].FR.Remedy, c.french) ||
				strings.Contains(found[0].Remedy, "Data Center") {
				t.Errorf("got %+v", found)
			}
		})
	}
}

// A site that tells its cloudId is Cloud, and wants the account's address.
func TestCloudWithoutAnAddress(t *testing.T) {
	d := newDeskOf(t, sandbox.JiraOptions{}, func(cfg *jira.Config) { cfg.Email = "" })
	found := d.Inspect(t.Context(), "")
	if len(found) != 1 || !strings.HasPrefix(found[0].Remedy, "write email") || !strings.HasPrefix(found[0].FR.Remedy, "écrire email") {
		t.Errorf("got %+v", found)
	}
}

// A scope that is missing is named by check --online, which changes nothing to find
// out, and by the write that is refused for it later.
func TestMissingScope(t *testing.T) {
	d := newDeskOf(t, sandbox.JiraOptions{Scopes: []string{"read:jira-work", "read:jira-user"}}, func(*jira.Config) {})
	key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
	d.after(t, time.Minute, d.Check(t.Context()))
	texts := func() (all []string) {
		for _, f := range d.Inspect(t.Context(), "") {
			all = append(all, f.Text)
		}
		return all
	}
	if got := texts(); !slices.Contains(got, "the token lacks the scope write:jira-work") {
		t.Errorf("got %q", got)
	}
	errs, err := d.Write(t.Context(), []desk.Edit{{ID: key, AddTags: []string{"a"}}, {ID: key, AddTags: []string{"b"}}})
	if !denied(errs[0]) || !denied(err) || !strings.Contains(err.Error(), "write:jira-work") {
		t.Errorf("got %v, %v", errs, err)
	}
	if i, _ := d.Jira().Issue(key); i.Changes != 0 || len(d.Jira().Issues()) != 1 {
		t.Errorf("something was changed: %+v", i)
	}
	d.Options.Jira.Scopes = least
	if got := texts(); !slices.Contains(got, "the token has the scope to write") {
		t.Errorf("got %q", got)
	}
	d.Options.Jira.Scopes = []string{"write:jira-work", "read:jira-work"}
	d.Client = d.connect()
	if found := d.Inspect(t.Context(), ""); len(found) != 1 || found[0].Text != "the token lacks the scope read:jira-user" {
		t.Errorf("without read:jira-user: got %v", found)
	}
}

// The scope to write is lost while Vigie runs: each edit is refused, and says why.
func TestScopeLost(t *testing.T) {
	strangely(t, func(t *testing.T, d *world) {
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, d.Check(t.Context()))
		d.misbehave(t, "scope-lost")
		errs, err := d.Write(t.Context(), []desk.Edit{{ID: key, AddTags: []string{"a"}}})
		if !denied(errs[0]) || !denied(err) || !strings.Contains(errs[0].Error(), "lacks the scope write:jira-work") {
			t.Errorf("got %v, %v", errs, err)
		}
		if got := d.read(t, key); got.Ticket == nil {
			t.Errorf("reading: got %+v", got)
		}
	})
}

// What the sandbox doesn't have answers as what Jira doesn't have.
func TestUnknownPath(t *testing.T) {
	d := newDesk(t, sandbox.JiraOptions{})
	resp, err := http.Get(d.cfg.URL + "/rest/api/2/dashboards/none")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound || !strings.Contains(resp.Header.Get("Content-Type"), "json") {
		t.Errorf("got %s, %s", resp.Status, resp.Header.Get("Content-Type"))
	}
}
