package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

const (
	viewBlocks = 100
	viewBytes  = 250_000
	viewStack  = 3
)

// view is a home, or a modal that is open.
type view struct {
	ID   string
	User string
	Hash string                     // of what it shows now
	Body map[string]json.RawMessage // as the app gave it
	// Errors are what the app says about inputs after a submission, by block_id.
	Errors map[string]string
}

func (v *view) is(kind string) bool { return string(v.Body["type"]) == `"`+kind+`"` }

// shown is the view as the API gives it back.
func (v *view) shown() object {
	o := object{"id": v.ID, "team_id": team, "hash": v.Hash, "state": object{"values": object{}}, "app_id": app, "bot_id": botID,
		"app_installed_team_id": team, "root_view_id": v.ID, "previous_view_id": nil,
		"private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": false, "notify_on_close": false}
	for name, raw := range v.Body {
		o[name] = raw
	}
	return o
}

func (s *Workspace) newView(user string, body map[string]json.RawMessage) *view {
	v := &view{ID: fmt.Sprintf("V0SANDBOX%05d", s.count()), User: user}
	s.fill(v, body)
	s.state.Views = append(s.state.Views, v)
	return v
}

// fill has a view show something else. The lock is held.
func (s *Workspace) fill(v *view, body map[string]json.RawMessage) {
	v.Body, v.Errors, v.Hash = body, nil, fmt.Sprintf("%d.%08x", s.Now().Unix(), s.count())
	s.Changed()
}

// home is what a user's home shows; nil if nothing was published yet.
func (st *State) home(user string) *view {
	return st.view(func(v *view) bool { return v.User == user && v.is("home") })
}

// modal is the modal that a user has before him, the last one opened; nil if none.
func (st *State) modal(user string) *view {
	return st.view(func(v *view) bool { return v.User == user && v.is("modal") })
}

func (st *State) view(is func(*view) bool) *view {
	for _, v := range slices.Backward(st.Views) {
		if is(v) {
			return v
		}
	}
	return nil
}

func (st *State) closeView(id string) {
	st.Views = slices.DeleteFunc(st.Views, func(v *view) bool { return v.ID == id })
}

// body reads a call's view.
func (c *call) body(kinds ...string) (body map[string]json.RawMessage, code string) {
	raw := c.args.Get("view")
	if len(raw) > viewBytes {
		return nil, "view_too_large"
	}
	body, problem := readView([]byte(raw), kinds...)
	if problem != "" {
		c.detail = object{"response_metadata": object{"messages": []string{"[ERROR] " + problem}}}
		return nil, "invalid_arguments"
	}
	external := string(body["external_id"])
	if external != "" && external != `""` && c.st.view(func(v *view) bool { return string(v.Body["external_id"]) == external && v.ID != c.args.Get("view_id") }) != nil && c.args.Get("external_id") == "" {
		return nil, "duplicate_external_id"
	}
	return body, ""
}

// readView says what is wrong with a view; nothing if it may be shown.
func readView(raw []byte, kinds ...string) (body map[string]json.RawMessage, problem string) {
	var v struct {
		Type   string
		Title  struct{ Text string }
		Submit struct{ Text string }
		Blocks []struct{ Type string }
		Meta   string `json:"private_metadata"`
	}
	if json.Unmarshal(raw, &body) != nil || json.Unmarshal(raw, &v) != nil {
		return nil, "must be a view [json-pointer:/view]"
	}
	title := utf8.RuneCountInString(v.Title.Text)
	inputs := false
	for _, b := range v.Blocks {
		if b.Type == "" {
			return nil, "must be a block [json-pointer:/view/blocks]"
		}
		inputs = inputs || b.Type == "input"
	}
	switch {
	case !slices.Contains(kinds, v.Type):
		return nil, "must be a view of another type [json-pointer:/view/type]"
	case body["blocks"] == nil || len(v.Blocks) > viewBlocks:
		return nil, fmt.Sprintf("no more than %d items allowed [json-pointer:/view/blocks]", viewBlocks)
	case v.Type == "modal" && (title < 1 || title > 24):
		return nil, "must be between 1 and 24 characters [json-pointer:/view/title/text]"
	case v.Type == "modal" && inputs && v.Submit.Text == "":
		return nil, "missing required field: submit [json-pointer:/view]"
	case len(v.Meta) > 3000:
		return nil, "must be less than 3001 characters [json-pointer:/view/private_metadata]"
	}
	return body, ""
}

// openView opens a modal before the one whose act the trigger_id stands for; whatever
// he had open is gone.
func openView(c *call) (object, string) {
	body, code := c.body("modal")
	if code != "" {
		return nil, code
	}
	user, code := c.exchange()
	if code != "" {
		return nil, code
	}
	c.st.Views = slices.DeleteFunc(c.st.Views, func(v *view) bool { return v.User == user && v.is("modal") })
	return object{"view": c.s.newView(user, body).shown()}, ""
}

// pushView opens a modal over the one that is open.
func pushView(c *call) (object, string) {
	body, code := c.body("modal")
	if code != "" {
		return nil, code
	}
	user, code := c.exchange()
	if code != "" {
		return nil, code
	}
	open := 0
	for _, v := range c.st.Views {
		if v.User == user && v.is("modal") {
			open++
		}
	}
	switch {
	case open == 0:
		return nil, "not_found"
	case open >= viewStack:
		return nil, "push_limit_reached"
	}
	return object{"view": c.s.newView(user, body).shown()}, ""
}

func publishView(c *call) (object, string) {
	body, code := c.body("home")
	if code != "" {
		return nil, code
	}
	u := c.st.user(c.args.Get("user_id"))
	if u == nil || u.Deleted {
		return nil, "user_not_found"
	}
	v := c.st.home(u.ID)
	if hash := c.args.Get("hash"); hash != "" && (v == nil || v.Hash != hash) {
		return nil, "hash_conflict"
	}
	if v == nil {
		v = c.s.newView(u.ID, body)
	} else {
		c.s.fill(v, body)
	}
	return object{"view": v.shown()}, ""
}

func updateView(c *call) (object, string) {
	id, external := c.args.Get("view_id"), c.args.Get("external_id")
	v := c.st.view(func(v *view) bool {
		return v.ID == id || external != "" && string(v.Body["external_id"]) == `"`+external+`"`
	})
	if v == nil {
		return nil, "not_found"
	}
	kind := "modal"
	if v.is("home") {
		kind = "home"
	}
	body, code := c.body(kind)
	if code != "" {
		return nil, code
	}
	if hash := c.args.Get("hash"); hash != "" && v.Hash != hash {
		return nil, "hash_conflict"
	}
	c.s.fill(v, body)
	return object{"view": v.shown()}, ""
}

// viewAnswered does what the app answered to a submission.
func (s *Workspace) viewAnswered(id string, body []byte) error {
	v := s.state.view(func(v *view) bool { return v.ID == id })
	var answer struct {
		Action string `json:"response_action"`
		View   json.RawMessage
		Errors map[string]string
	}
	if v == nil || json.Unmarshal(body, &answer) != nil {
		return errors.New("the app's answer to a view can't be read")
	}
	switch answer.Action {
	case "errors":
		v.Errors = answer.Errors
	case "clear":
		s.state.Views = slices.DeleteFunc(s.state.Views, func(o *view) bool { return o.User == v.User && o.is("modal") })
	case "update", "push":
		next, problem := readView(answer.View, "modal")
		if problem != "" {
			return errors.New("the app's answer to a view is refused: " + problem)
		}
		if answer.Action == "push" {
			s.newView(v.User, next)
		} else {
			s.fill(v, next)
		}
	case "":
		s.state.closeView(id)
	default:
		return errors.New("the app's answer to a view is refused: " + answer.Action)
	}
	return nil
}
