package zendesk

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"vigie/rules"
)

// vendorPriorities are the names that Zendesk has for priorities.
var vendorPriorities = []string{"low", "normal", "high", "urgent"}

// priority is the policy's name for Zendesk's priority. One that no row names is
// handed on in lower case, as a choice that the policy doesn't know; where the policy
// has another priority of that name, as "zendesk:high", so that it isn't taken for it.
func (c *Config) priority(vendor string) string {
	vendor = strings.ToLower(vendor)
	if p, ok := c.Priorities[vendor]; ok {
		return p
	}
	for name := range c.VendorPriority {
		if strings.EqualFold(name, vendor) {
			return "zendesk:" + vendor
		}
	}
	return vendor
}

// vendorPriority is Zendesk's name for the policy's priority. It knows four.
func (c *Config) vendorPriority(name string) (string, bool) {
	if p, ok := c.VendorPriority[name]; ok {
		name = p
	}
	name = strings.ToLower(name)
	return name, slices.Contains(vendorPriorities, name)
}

// categories are the built-in meanings of Zendesk's status categories.
var categories = map[string]rules.Status{
	"new":     rules.New,
	"open":    rules.Open,
	"pending": rules.WaitingCustomer,
	"hold":    rules.WaitingThirdParty,
	"solved":  rules.Solved,
	"closed":  rules.Closed,
	"deleted": rules.Deleted,
}

// mergedTag is what Zendesk puts on a ticket that it closes because its comments
// went to another one.
const mergedTag = "closed_by_merge"

// statusOf maps a ticket's status: closed and deleted by category, anything else
// by its custom status's name, else by category. A custom status that doesn't
// fit the category is left over from another status. An unknown category is
// open: its clocks run.
func (c *Config) statusOf(v values, n *names) rules.Status {
	category := cmp.Or(strings.ToLower(v["status"]), "new")
	custom, isCustom := n.statuses[v["custom_status_id"]]
	switch {
	case category == "closed" && slices.Contains(strings.Fields(v["tags"]), mergedTag):
		return rules.Deleted
	case category == "closed", category == "deleted":
		return categories[category]
	case isCustom && custom.category == category:
		if s, ok := c.status(custom.name); ok {
			return s
		}
	}
	if s, ok := c.status(category); ok {
		return s
	}
	if s, ok := categories[category]; ok {
		return s
	}
	return rules.Open
}

func (c *Config) status(name string) (rules.Status, bool) {
	for k, s := range c.Status {
		if strings.EqualFold(k, name) {
			return s, true
		}
	}
	return "", false
}

// kindOf maps a ticket's tags, then its form, then its type to a kind, by the
// first of Kinds that fits; a type of Zendesk's is its own kind else, and none
// is a question.
func (c *Config) kindOf(v values, n *names) string {
	typ := strings.ToLower(v["type"])
	for _, words := range [][]string{strings.Fields(v["tags"]), {n.forms[v["ticket_form_id"]]}, {typ}} {
		for _, k := range c.Kinds {
			if slices.ContainsFunc(words, func(w string) bool { return w != "" && strings.EqualFold(w, k.From) }) {
				return k.To
			}
		}
	}
	if slices.Contains([]string{"problem", "incident", "task"}, typ) {
		return typ
	}
	return "question"
}

// channels are Zendesk's channels that have another name here.
var channels = map[string]string{
	"mail":                "email",
	"voice":               "phone",
	"native_messaging":    "chat",
	"messaging":           "chat",
	"web_form":            "web",
	"web_widget":          "web",
	"web_service":         "api",
	"help_center":         "web",
	"mobile":              "web",
	"mobile_sdk":          "web",
	"phone_call_inbound":  "phone",
	"phone_call_outbound": "phone",
	"voicemail":           "phone",
}

func channelOf(via string) string {
	via = strings.ToLower(via)
	if c, ok := channels[via]; ok {
		return c
	}
	return via
}

func sameTags(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func quote(s string) json.RawMessage {
	b, _ := json.Marshal(s) // a string can always be encoded
	return b
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
