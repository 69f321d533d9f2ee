package pages

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"vigie/connectors/sandbox"
)

const mostShown = 15 // messages of a channel on one page, their threads beside

// A slackPage is a channel, or the app's home, as one person has it before him.
type slackPage struct {
	*view
	People   []choice
	Channels []channelLink
	Home     bool // the app's home, instead of a channel
	Channel  string
	Name     string
	Messages []message // newest first
	Older    string    // before which the further ones are; empty if none are
	View     []block   // of the home
	Modal    *modal
	Text     string // what was written, if it wasn't taken

	names map[string]string // by id
}

type channelLink struct {
	ID, Name string
	Here     bool
}

// A message is a message with its thread.
type message struct {
	TS, By, At, ISO string
	Edited          bool
	Bot             bool
	Only            bool // for the one who looks at it alone
	Blocks          []block
	Unfurls         [][]block
	Reactions       []reaction
	Thread          []message
	Of              string // the message to which this reply, shown in the channel too, belongs
}

type reaction struct {
	Name, Sign, People string
	N                  int
	Mine               bool
}

// offeredReactions are those that the page has a button for.
var offeredReactions = []string{"eyes", "white_check_mark"}

// A modal is the view that somebody has open before him.
type modal struct {
	Title, Submit string
	Blocks        []block
	Errors        []string
}

// slackOf is a page for the one who was chosen, or else the first of the workspace.
func slackOf(v *view) *slackPage {
	s := v.Sandbox.Slack()
	p := &slackPage{view: v, names: s.Names()}
	people := s.People()
	if !slices.ContainsFunc(people, func(who sandbox.SlackPerson) bool { return who.ID == v.As }) && len(people) > 0 {
		v.As = people[0].ID
	}
	for _, who := range people {
		p.People = append(p.People, choice{who.ID, who.Name, who.ID == v.As})
	}
	return p
}

func slackFront(v *view) error {
	slackOf(v)
	for _, id := range v.Sandbox.Slack().Joined(v.As) {
		return v.to(v.Link("/slack/" + id))
	}
	return v.to(v.Link("/slack/home"))
}

func slackHome(v *view) error {
	p := slackOf(v)
	return p.at("home")
}

func slackChannel(v *view) error {
	p := slackOf(v)
	return p.at(v.r.PathValue("channel"))
}

// at shows the page of a channel or, for "home", the app's home.
func (p *slackPage) at(channel string) error {
	s := p.Sandbox.Slack()
	joined := s.Joined(p.As)
	if channel != "home" && !slices.Contains(joined, channel) {
		if slices.Contains(slices.Collect(maps.Values(s.Channels())), channel) {
			return p.to(p.Link("/slack/")) // another person's conversation, or one that he left
		}
		return notThere
	}
	p.Home, p.Channel = channel == "home", channel
	for _, id := range joined {
		p.Channels = append(p.Channels, channelLink{id, cmp.Or(p.names[id], "Vigie"), id == channel})
	}
	p.Name = cmp.Or(p.names[channel], "Vigie")
	p.Modal = p.modal(s.Modal(p.As), s.ModalErrors(p.As))
	if p.Home {
		p.View = p.blocks(blocksOf(s.Home(p.As)))
	} else {
		p.converse(s.Sees(p.As, channel))
	}
	return p.show("slack.html", p)
}

// converse puts replies under what they answer, and keeps the last of all.
func (p *slackPage) converse(all []sandbox.SlackMessage) {
	threads := map[string][]message{}
	var top []message
	before := p.r.URL.Query().Get("before")
	for _, m := range all {
		if m.ThreadTS != "" && m.ThreadTS != m.TS {
			reply := p.message(m)
			threads[m.ThreadTS] = append(threads[m.ThreadTS], reply)
			if !m.Broadcast {
				continue
			}
			reply.Of = m.ThreadTS
		}
		if before != "" && m.TS >= before {
			continue
		}
		shown := p.message(m)
		if m.ThreadTS != "" && m.ThreadTS != m.TS {
			shown.Of = m.ThreadTS
		}
		top = append(top, shown)
	}
	if len(top) > mostShown {
		top = top[len(top)-mostShown:]
		p.Older = top[0].TS
	}
	for i := range top {
		if top[i].Of == "" {
			top[i].Thread = threads[top[i].TS]
		}
	}
	slices.Reverse(top)
	p.Messages = top
}

func (p *slackPage) message(m sandbox.SlackMessage) message {
	at := m.At.In(zone())
	shown := message{TS: m.TS, By: cmp.Or(p.names[m.User], m.User), At: p.W.Time("time.day", at) + " " + p.W.Time("time.clock", at), ISO: at.Format("2006-01-02T15:04:05Z07:00"),
		Edited: m.Edits > 0, Bot: m.User == sandbox.Vigie, Only: m.Only != "", Blocks: p.blocks(m.Blocks)}
	if len(shown.Blocks) == 0 && m.Text != "" {
		shown.Blocks = []block{{Type: "section", Text: p.markup(m.Text)}}
	}
	for _, link := range slices.Sorted(maps.Keys(m.Unfurls)) {
		if b := p.blocks(blocksOf(m.Unfurls[link])); len(b) > 0 {
			shown.Unfurls = append(shown.Unfurls, b)
		}
	}
	names := slices.Clone(offeredReactions)
	for _, r := range m.Reactions {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	for _, name := range names {
		r := reaction{Name: name, Sign: sign(name)}
		for _, given := range m.Reactions {
			if given.Name == name {
				r.N, r.Mine = len(given.Users), slices.Contains(given.Users, p.As)
				for _, id := range given.Users {
					r.People += cmp.Or(p.names[id], id) + " "
				}
			}
		}
		shown.Reactions = append(shown.Reactions, r)
	}
	return shown
}

// blocksOf are the blocks of a view or an attachment.
func blocksOf(raw json.RawMessage) json.RawMessage {
	var v struct{ Blocks json.RawMessage }
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	return v.Blocks
}

func (p *slackPage) modal(raw json.RawMessage, errs map[string]string) *modal {
	if raw == nil {
		return nil
	}
	var v struct{ Title, Submit struct{ Text string } }
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	m := &modal{Title: unescape(v.Title.Text), Submit: unescape(v.Submit.Text), Blocks: p.blocks(blocksOf(raw))}
	for _, id := range slices.Sorted(maps.Keys(errs)) {
		m.Errors = append(m.Errors, errs[id])
	}
	return m
}

// slackAct does what was pressed or written, as the one who was chosen: what the form
// says under "do" in the channel of the path, or in the home.
func slackAct(v *view) error {
	p := slackOf(v)
	channel := v.r.PathValue("channel")
	err := p.do(channel, v.r.PostForm)
	if err != nil {
		p.Wrong, p.Text = err.Error(), v.r.PostForm.Get("text")
		return p.at(channel)
	}
	back := v.Link("/slack/" + channel)
	if ts := v.r.PostForm.Get("ts"); ts != "" {
		back += "#m" + cmp.Or(v.r.PostForm.Get("thread"), ts)
	}
	return v.to(back)
}

func (p *slackPage) do(channel string, form url.Values) error {
	s, ts := p.Sandbox.Slack(), form.Get("ts")
	for _, what := range []string{"press", "choose"} {
		if picked := form.Get(what); picked != "" {
			return p.pick(channel, ts, form.Get("in"), what, picked, form)
		}
	}
	text := strings.TrimSpace(form.Get("text"))
	switch {
	case form.Get("open") != "":
		return s.OpenHome(p.As)
	case form.Get("submit") != "":
		return s.Submit(p.As, inputs(form))
	case form.Get("react") != "":
		return s.React(p.As, channel, ts, form.Get("react"))
	case form.Get("unreact") != "":
		return s.Unreact(p.As, channel, ts, form.Get("unreact"))
	case text == "":
		return errors.New(p.W.Say("sandbox.nothing"))
	case ts != "":
		_, err := s.Say(channel, p.email(), text, ts)
		return err
	case strings.HasPrefix(text, "/"):
		return s.Command(p.As, channel, text)
	}
	_, err := s.Paste(p.As, channel, text)
	return err
}

// pick presses a button, or chooses what a menu was set to: of a message, of the home
// or of the modal.
func (p *slackPage) pick(channel, ts, in, what, picked string, form url.Values) error {
	s := p.Sandbox.Slack()
	action, value, err := unpack(picked)
	if set, chosen := form["menu "+action]; what == "choose" && value == "" && chosen {
		value = set[0]
	}
	switch {
	case err != nil:
		return err
	case in == "modal":
		return s.ClickModal(p.As, action, value)
	case channel == "home" && what == "press":
		return s.ClickHome(p.As, action, value)
	case channel == "home":
		return s.ChooseHome(p.As, action, value)
	case what == "press":
		return s.Click(p.As, channel, ts, action, value)
	}
	return s.Choose(p.As, channel, ts, action, value)
}

// pack names an element, and the value of it that is meant, in a form's one value.
func pack(action, value string) string {
	return url.QueryEscape(action) + "=" + url.QueryEscape(value)
}

func unpack(packed string) (action, value string, err error) {
	a, b, _ := strings.Cut(packed, "=")
	action, err = url.QueryUnescape(a)
	if err == nil {
		value, err = url.QueryUnescape(b)
	}
	if err != nil {
		return "", "", fmt.Errorf("no element is called %q", packed)
	}
	return action, value, nil
}

// inputs are what a modal was filled in with, by action_id; what is empty is left out.
func inputs(form url.Values) map[string]string {
	values := map[string]string{}
	for name, v := range form {
		for _, kind := range []string{"input ", "menu "} {
			if action, ok := strings.CutPrefix(name, kind); ok && v[0] != "" {
				values[action] = v[0]
			}
		}
	}
	return values
}

func (p *slackPage) email() string {
	for _, who := range p.Sandbox.Slack().People() {
		if who.ID == p.As {
			return who.Email
		}
	}
	return ""
}
