package jira

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/connectors/rest"
	"vigie/rules"
	"vigie/rules/words"
)

// Whose issues are ours: those that a search in the configured projects names. A
// project's key can be edited, and then the old one goes on working in searches and
// links while its issues are called by the new one; so a project is known by its id
// and by all the keys that it ever had, and an issue by its id, its key and the keys
// before. A project that isn't there, or isn't shown to us, makes Jira refuse the
// whole search: it is left out, and people are told.

// projects is what the site says of the configured ones.
type projects struct {
	mu      sync.Mutex
	listed  []string            // as configured
	found   map[string]*project // by configured key; no entry: not known yet
	adopted map[string]bool     // prefixes of keys that our own search has named, in capitals
	missing map[string]bool     // configured keys that a search was refused for
	tried   time.Time           // when all were last searched
	stale   bool                // an issue was ours by a key of which nothing is known yet
}

// triedAgain is after how long a project that was missing is searched again.
const triedAgain = 10 * time.Minute

type project struct {
	ID   word     `json:"id"`
	Key  string   `json:"key"`
	Keys []string `json:"projectKeys"` // all that it ever had; by Cloud's documents, and Data Center's
}

func (p *projects) begin(keys []string) {
	p.listed, p.found, p.adopted, p.missing = keys, map[string]*project{}, map[string]bool{}, map[string]bool{}
}

// learnProjects asks which keys the configured projects have and had. What can't be
// told now stays as it was: an issue of it is neither ours nor another's then.
func (c *Client) learnProjects(ctx context.Context) error {
	for _, key := range c.cfg.Projects {
		var p project
		err := c.call(ctx, "GET", "project/"+url.PathEscape(key)+"?expand=projectKeys", nil, &p, "id", "key")
		switch {
		case err == nil:
			c.projects.learn(key, &p)
		case ctx.Err() != nil || denied(err):
			return fmt.Errorf("ask %s for project %s: %w", c.cfg.Name, key, err)
		default:
			c.cfg.Log.Warn("project can't be asked about", "source", c.cfg.Name, "project", key, "err", err)
		}
	}
	return nil
}

func (p *projects) learn(key string, is *project) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found[key] = is
}

func prefix(key string) string {
	p, _, _ := strings.Cut(key, "-")
	return strings.ToUpper(p)
}

// known says whether a key's prefix is one of ours: configured, one that such a
// project has or had, or one that our own search has named.
func (p *projects) known(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.has(prefix(key))
}

func (p *projects) has(prefix string) bool {
	if len(p.listed) == 0 || p.adopted[prefix] || containsFold(p.listed, prefix) {
		return true
	}
	for _, is := range p.found {
		if strings.EqualFold(is.Key, prefix) || containsFold(is.Keys, prefix) {
			return true
		}
	}
	return false
}

// adopt takes the prefix of a key that our own search has named as ours.
func (p *projects) adopt(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.has(prefix(key)) {
		p.adopted[prefix(key)], p.stale = true, true
	}
}

// relearnProjects asks for the projects again once an issue was ours by a key of which
// nothing was known.
func (c *Client) relearnProjects(ctx context.Context) error {
	p := &c.projects
	p.mu.Lock()
	stale := p.stale
	p.stale = false
	p.mu.Unlock()
	if !stale {
		return nil
	}
	return c.learnProjects(ctx)
}

// may says whether a webhook can be about an issue of ours. A numeric id doesn't
// tell; an issue that is ours by a key of which nothing is known yet is found by the
// next poll.
func (p *projects) may(key string, of word) bool {
	if !strings.Contains(key, "-") || p.known(key) {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, is := range p.found {
		if of != "" && is.ID == of {
			return true
		}
	}
	return false
}

// ours says whether an issue is in one of our projects; sure is false where what the
// site has said doesn't tell.
func (p *projects) ours(i *issue) (yes, sure bool) {
	if p.known(i.Key) {
		return true, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	of := read[named](i, "project").ID
	for _, is := range p.found {
		if of != "" && is.ID == of {
			p.adopted[prefix(i.Key)], p.stale = true, true
			return true, true
		}
	}
	return false, len(p.found) == len(p.listed)
}

// former are the keys that an issue had before the one that it has: by its changelog
// where it was moved, the latest first, and by its project's other keys.
func (p *projects) former(i *issue, histories []history) (keys []string) {
	add := func(key string) {
		if key != "" && !strings.EqualFold(key, i.Key) && !containsFold(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, h := range slices.Backward(histories) {
		for _, it := range h.Items {
			if it.Field == "Key" && issueID.MatchString(string(it.FromText)) {
				add(string(it.FromText))
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range append([]string{i.Key}, keys...) {
		before, number, _ := strings.Cut(key, "-")
		for _, is := range p.found {
			if !strings.EqualFold(is.Key, before) && !containsFold(is.Keys, before) {
				continue
			}
			for _, k := range slices.Backward(is.Keys) {
				add(k + "-" + number)
			}
		}
	}
	return keys
}

// miss leaves those configured projects out of searches that a refusal names, and
// says whether any is left that it doesn't. Jira says it in the account's language,
// with the value in quotation marks: "The value 'GONE' does not exist for the field
// 'project'."
func (p *projects) miss(err error, now time.Time) bool {
	var refused *rest.StatusError
	if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried = now
	some := false
	for _, key := range p.listed {
		for _, quoted := range []string{"'" + key + "'", `"` + key + `"`, "«\u00a0" + key + "\u00a0»", "« " + key + " »"} {
			if !p.missing[key] && strings.Contains(strings.ToUpper(refused.Message), strings.ToUpper(quoted)) {
				p.missing[key], some = true, true
			}
		}
	}
	return some && len(p.missing) < len(p.listed)
}

// retry has all projects searched again, if it is time.
func (p *projects) retry(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.tried).Abs() >= triedAgain {
		clear(p.missing)
	}
}

// there are the projects to search in: those configured but for those that are
// missing. Where all are, all are searched: a search without a project would find what
// is none of ours.
func (p *projects) there() (keys []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range p.listed {
		if !p.missing[key] {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return p.listed
	}
	return keys
}

// lost says that an issue's project isn't there, or isn't shown to us: nothing is
// known of its issues then.
func (p *projects) lost(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for missing := range p.missing {
		is := p.found[missing]
		if strings.EqualFold(missing, prefix(key)) || is != nil && containsFold(is.Keys, prefix(key)) {
			return true
		}
	}
	return false
}

// findings are what is to be said of projects that go by another key now, or are
// missing, by what the words are about.
func (p *projects) findings() map[string]findings.Finding {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]findings.Finding{}
	for key, says := range p.says() {
		f := findings.Finding{Weight: findings.Doubt}
		if p.missing[key] {
			f.Weight = findings.Wrong
		}
		told := func(language string) findings.Advice {
			w := words.In(language)
			return findings.Advice{Text: w.Tell(of("jira.project.", says)), Remedy: w.Tell(of("jira.project_remedy.", says))}
		}
		en := told("en")
		f.Text, f.Remedy, f.FR = en.Text, en.Remedy, told("fr")
		all["project/"+key] = f
	}
	return all
}

// of is one of the texts on what is so of a project.
func of(section string, says rules.Sentence) rules.Sentence {
	return rules.Sentence{ID: section + says.ID, Values: says.Values}
}

// says is what is so of those projects, by key: a text that several sections have. The
// caller holds the lock.
func (p *projects) says() map[string]rules.Sentence {
	all := map[string]rules.Sentence{}
	for key, is := range p.found {
		if !strings.EqualFold(is.Key, key) {
			all[key] = rules.Sentence{ID: "renamed", Values: []string{"key", key, "now", is.Key}}
		}
	}
	for key := range p.missing {
		all[key] = rules.Sentence{ID: "missing", Values: []string{"key", key}}
	}
	return all
}

// notices are the findings as people are told of them.
func (c *Client) notices() (list []desk.Notice) {
	c.projects.mu.Lock()
	defer c.projects.mu.Unlock()
	all := c.projects.says()
	for _, key := range slices.Sorted(maps.Keys(all)) {
		says := of("jira.project_notice.", all[key])
		says.Values = append([]string{"source", c.cfg.Name}, says.Values...)
		list = append(list, desk.Notice{Key: "project/" + key, Says: says})
	}
	return list
}

// denied says that Jira doesn't accept the credentials, or their rights.
func denied(err error) bool {
	var d interface{ Denied() bool }
	return errors.As(err, &d) && d.Denied()
}

// account is what our own account is called, in a word.
func (v *vocabulary) account() string {
	return cmp.Or(v.self.Email, v.self.DisplayName, v.self.AccountID, v.self.Name)
}
