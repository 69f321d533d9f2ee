package jira

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"vigie/connectors/sandbox/stage"
)

// slowAbove is how many issues a slow Jira answers for at once.
const slowAbove = 25

// stuckLabel is on the issues whose histories hang while that manner is on.
const stuckLabel = "stuck"

// manners are Jira's own, besides the answers that aren't its API's.
func manners() map[string]stage.Manner {
	write := func(f stage.Fault) func(*http.Request) (stage.Fault, bool) {
		return func(r *http.Request) (stage.Fault, bool) { return f, writes(r) }
	}
	all := stage.NotTheAPIs()
	maps.Copy(all, map[string]stage.Manner{
		"stranger":         {About: "believes the credentials no more, and answers as to a stranger: 200 and empty lists, 404 for an issue, with a header that says so; /myself alone answers 401"},
		"stranger-unsaid":  {About: "the same without the header, as behind a proxy that takes it off"},
		"short-lists":      {About: "leaves every other issue out of what it lists and of what is read in bulk"},
		"pages-loop":       {About: "has pages go on from the last one to the first one, over and over"},
		"pages-ever-fresh": {About: "always names a next page, by a token that it never gave before"},
		"emails-hidden":    {About: "shows nobody's e-mail address, as most people's settings have it, and finds people by a whole address all the same"},
		"slow-bulk":        {About: "doesn't come to an end where more than " + strconv.Itoa(slowAbove) + " issues are asked for at once"},
		"history-hangs":    {About: "never answers where the history or the comments of an issue labelled " + stuckLabel + " are asked for"},
		"write-says-nothing": {About: "carries changes out, and answers 200 with an empty object",
			Fault: write(stage.Fault{Status: http.StatusOK, Body: `{}`, AfterWork: true})},
		"write-unheard": {About: "answers changes with 200 and an empty object, and carries none out",
			Fault: write(stage.Fault{Status: http.StatusOK, Body: `{}`})},
		"scope-lost": {About: "refuses changes, as to a token that has lost the scope for them",
			Fault: write(stage.Fault{Status: http.StatusUnauthorized, Body: `{"code":401,"message":"Unauthorized; scope does not match"}`})},
	})
	return all
}

// slow keeps the caller waiting for ever where he asks for too many issues.
func (c *call) slow(n int) {
	c.hung = c.hung || n > slowAbove && c.s.Faults.Has(vendor, "slow-bulk")
}

// stuck keeps the caller waiting for ever for the history of certain issues.
func (c *call) stuck(issues ...*issue) {
	for _, i := range issues {
		c.hung = c.hung || slices.Contains(i.Values["labels"], stuckLabel) && c.s.Faults.Has(vendor, "history-hangs")
	}
}

// shortened is a list as it is shown: all of it, as a rule.
func (c *call) shortened(list []*issue) []*issue {
	if c.s.Faults.Has(vendor, "short-lists") {
		return slices.DeleteFunc(list, func(i *issue) bool { return i.ID%2 == 0 })
	}
	return list
}

// endless says that pages don't end.
func (c *call) endless() bool {
	return c.s.Faults.Has(vendor, "pages-loop") || c.s.Faults.Has(vendor, "pages-ever-fresh")
}

// endOf is where the page after the last one begins, from which there is nothing:
// the same each time, or another.
func (c *call) endOf(rows []jqlRow) []string {
	end := slices.Clone(rows[len(rows)-1].key)
	if c.s.Faults.Has(vendor, "pages-ever-fresh") {
		end[len(end)-1] = "9" + strconv.Itoa(c.s.state.nextID())
	}
	return end
}

// wound is the place in a list of n where an offset leads: beyond the end to the
// beginning, where pages don't end.
func (c *call) wound(start, n int) int {
	if n > 0 && start >= n && c.endless() {
		return 0
	}
	return start
}
