package jira

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vigie/rules"
)

// What Jira sends, decoded leniently: a field at a time, so that an odd one is
// absent rather than the end of its page.

// An issue is an issue of a search, a bulk fetch or a webhook.
type issue struct {
	ID         word                       `json:"id"`
	Key        string                     `json:"key"`
	Fields     map[string]json.RawMessage `json:"fields"`
	Properties map[string]json.RawMessage `json:"properties"`
	Changelog  *struct {
		Total     int       `json:"total"`
		Histories []history `json:"histories"`
	} `json:"changelog"`
}

// read decodes one field of an issue; the zero value where it is absent or odd.
func read[T any](i *issue, id string) T {
	var v, zero T
	if raw, ok := i.Fields[id]; !ok || json.Unmarshal(raw, &v) != nil {
		return zero
	}
	return v
}

type user struct {
	AccountID   string `json:"accountId,omitempty"`
	AccountType string `json:"accountType,omitempty"` // Cloud: atlassian, app or customer
	Name        string `json:"name,omitempty"`
	Key         string `json:"key,omitempty"`
	Email       string `json:"emailAddress,omitempty"` // hidden by most people's settings on Cloud
	DisplayName string `json:"displayName,omitempty"`
	Locale      string `json:"locale,omitempty"` // hardly ever shown
}

// id is what changelogs call the user by.
func (u *user) id() string {
	if u == nil {
		return ""
	}
	return cmp.Or(u.AccountID, u.Key, u.Name)
}

// who is how people know the user: by e-mail address where it is shown.
func (u *user) who() string {
	if u == nil {
		return ""
	}
	return cmp.Or(u.Email, u.DisplayName, u.Name)
}

// locale is the language and country that the account reads Jira in; empty for
// nobody, and where Jira doesn't tell.
func (u *user) locale() string {
	if u == nil {
		return ""
	}
	return u.Locale
}

// is says whether both are the same account.
func (u *user) is(o *user) bool {
	return u != nil && o != nil && u.id() != "" && u.id() == o.id()
}

type named struct {
	ID             word   `json:"id"`
	Name           string `json:"name"`
	StatusCategory struct {
		Key string `json:"key"`
	} `json:"statusCategory"`
}

// A history is one entry of an issue's changelog.
type history struct {
	ID      word    `json:"id"`
	Author  *user   `json:"author"`
	Created instant `json:"created"`
	Items   []item  `json:"items"`

	Metadata historyMetadata `json:"historyMetadata,omitzero"`
}

// historyMetadata is what the writer of an entry says about it.
type historyMetadata struct {
	Type  string `json:"type"`
	Actor struct {
		ID   string `json:"id"`
		Name string `json:"displayName"`
	} `json:"actor"`
}

// UnmarshalJSON takes what is odd for nothing: other programs write it, too.
func (m *historyMetadata) UnmarshalJSON(b []byte) error {
	type plain historyMetadata
	if json.Unmarshal(b, (*plain)(m)) != nil {
		*m = historyMetadata{}
	}
	return nil
}

type item struct {
	Field     string `json:"field"`
	FieldID   string `json:"fieldId"` // absent on Data Center
	FieldType string `json:"fieldtype"`
	From      word   `json:"from"` // ids, or instants
	To        word   `json:"to"`
	FromText  word   `json:"fromString"`
	ToText    word   `json:"toString"`
}

type comment struct {
	ID         word            `json:"id"`
	Author     *user           `json:"author"`
	Created    instant         `json:"created"`
	Body       json.RawMessage `json:"body"`
	Public     *bool           `json:"jsdPublic"` // Cloud
	Visibility json.RawMessage `json:"visibility"`
	Properties []struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	} `json:"properties"` // if asked for
}

// public says that the customer sees the comment: unless Service Management
// calls it internal, by jsdPublic or by the property behind it, or it is for a
// role or a group only. Jira's own default is public.
func (c *comment) public() bool {
	if c.Public != nil && !*c.Public || len(c.Visibility) > 0 && string(c.Visibility) != "null" {
		return false
	}
	for _, p := range c.Properties {
		var v struct{ Internal word }
		if p.Key == "sd.public.comment" && json.Unmarshal(p.Value, &v) == nil && v.Internal == "true" {
			return false
		}
	}
	return true
}

// comments is the page of comments that an issue brings along.
type comments struct {
	Total    int       `json:"total"`
	Comments []comment `json:"comments"`
}

// UnmarshalJSON accepts the bare list of Atlassian's examples, too.
func (c *comments) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '[' {
		err := json.Unmarshal(b, &c.Comments)
		c.Total = len(c.Comments)
		return err
	}
	type plain comments
	return json.Unmarshal(b, (*plain)(c))
}

// A word is a string that may come as a number; anything else but null is kept
// as its JSON.
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	s, _ := rules.FieldText(b)
	*w = word(s)
	return nil
}

// An instant is a time in any of Jira's forms: 2019-02-15T19:01:52.971-0800, the
// same with Z, and epoch milliseconds, which changelog/bulkfetch sends against
// its own schema.
type instant struct{ time.Time }

func (t *instant) UnmarshalJSON(b []byte) (err error) {
	s, ok := rules.FieldText(b)
	if !ok {
		return nil
	}
	t.Time, err = parseTime(s)
	return err
}

// parseTime reads an instant as UTC.
func parseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		if ms < 0 || ms > 253402300799999 { // the year 9999
			return time.Time{}, fmt.Errorf("time %q is out of range", s)
		}
		return time.UnixMilli(ms).UTC(), nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z0700", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("time %.40q: want 2006-01-02T15:04:05.000-0700 or epoch milliseconds", s)
}

// version names one state of an issue: when it was last updated, the same in
// every form that Jira writes it in; empty where it isn't told.
func (i *issue) version() string {
	t := read[instant](i, "updated")
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05.000Z07:00")
}

// shown is a field's value as text: dates and instants in the form of
// rules.DueForm.Text, an option by its value, a person by who they are, several
// joined by commas. What has no text of its own is absent.
func shown(raw json.RawMessage, f field) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return ""
		}
		var parts []string
		for _, e := range list {
			if s := shown(e, f); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ",")
	case '{':
		var o struct {
			Value, EmailAddress, Name, DisplayName word
			Type                                   word
			RequestType                            struct{ Name word }
		}
		if json.Unmarshal(raw, &o) != nil {
			return ""
		}
		if o.Type == "doc" {
			return plainText(raw)
		}
		return string(cmp.Or(o.Value, o.EmailAddress, o.Name, o.DisplayName, o.RequestType.Name))
	}
	s, _ := rules.FieldText(raw)
	return canonical(f, s)
}

// canonical is the text of a date or an instant as rules.DueForm.Text has it, of a
// number without a fraction that says nothing, and any other text, or one that can't be read, as it is.
func canonical(f field, texts ...string) string {
	for _, s := range texts {
		switch f.Type {
		case "number": // "2.0"
			if n, err := strconv.ParseFloat(s, 64); err == nil {
				return strconv.FormatFloat(n, 'f', -1, 64)
			}
		case "datetime":
			if t, err := parseTime(s); err == nil {
				return rules.DateTimeForm.Text(t)
			}
		case "date":
			if len(s) >= len(time.DateOnly) {
				if d, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)]); err == nil {
					return rules.DateForm.Text(d)
				}
			}
		}
	}
	return texts[len(texts)-1]
}
