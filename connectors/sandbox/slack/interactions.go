package slack

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// triggersLast is how long a trigger_id opens a view; it does so once
// (docs.slack.dev/interactivity/handling-user-interaction).
const triggersLast = 3 * time.Second

// trigger is a trigger_id that was given out.
type trigger struct {
	user string
	at   time.Time // real time
	used bool
}

// Click has a person press a button of a message that he sees: that with the action_id
// and, unless it is empty, the value. An error says that there is no such button, or
// that the app didn't acknowledge, of which Slack tells the person too.
func (s *Workspace) Click(who, ref, ts, actionID, value string) error {
	return s.interact(who, ref, ts, func(blocks json.RawMessage) (object, error) { return press(blocks, actionID, value) })
}

// Choose is Click for an overflow menu or a static_select, with the option's value.
func (s *Workspace) Choose(who, ref, ts, actionID, value string) error {
	return s.interact(who, ref, ts, func(blocks json.RawMessage) (object, error) { return choose(blocks, actionID, value) })
}

func (s *Workspace) interact(who, ref, ts string, pick func(json.RawMessage) (object, error)) error {
	var d *delivery
	err := s.by(who, ref, func(u *user, ch *channel) error {
		m := ch.seen(ts, u.ID)
		if m == nil {
			return fmt.Errorf("%s sees no message %s", u.Name, ts)
		}
		action, err := pick(m.Blocks)
		if err != nil {
			return err
		}
		container := object{"type": "message", "message_ts": m.TS, "channel_id": ch.ID, "is_ephemeral": m.Only != ""}
		if m.ThreadTS != "" {
			container["thread_ts"] = m.ThreadTS
		}
		payload := s.actions(u, action)
		payload["container"], payload["channel"] = container, object{"id": ch.ID, "name": ch.called()}
		payload["response_url"] = s.responseURL("actions", &answerURL{User: u.ID, Channel: ch.ID, TS: m.TS})
		if m.Only == "" {
			payload["message"] = ch.shownMessage(m, true)
		}
		d = s.tell(anInteraction, payload, reply{User: u.ID, Channel: ch.ID})
		return nil
	})
	if err != nil {
		return err
	}
	return s.hand(d)
}

// actions is the payload of one action. The lock is held.
func (s *Workspace) actions(u *user, action object) object {
	state := object{}
	if option, chosen := action["selected_option"]; chosen && action["type"] != "overflow" {
		state[action["block_id"].(string)] = object{action["action_id"].(string): object{"type": action["type"], "selected_option": option}}
	}
	action["action_ts"] = s.nextTS()
	payload := s.interaction("block_actions", u)
	payload["actions"], payload["state"] = []object{action}, object{"values": state}
	return payload
}

// interaction is what the payloads of all interactions have. The lock is held.
func (s *Workspace) interaction(kind string, u *user) object {
	return object{"type": kind, "token": "", "api_app_id": app, "trigger_id": s.trigger(u), "team": object{"id": team, "domain": "acme"},
		"user":       object{"id": u.ID, "username": u.login(), "name": u.login(), "team_id": team},
		"enterprise": nil, "is_enterprise_install": s.options.OrgWide}
}

// trigger gives out a trigger_id. The lock is held.
func (s *Workspace) trigger(u *user) (id string) {
	st, now := &s.state, s.Real()
	if st.triggers == nil {
		st.triggers = map[string]*trigger{}
	}
	maps.DeleteFunc(st.triggers, func(_ string, t *trigger) bool { return now.Sub(t.at) > time.Hour })
	id = fmt.Sprintf("%d.%d.%x", 1000+s.count(), now.Unix(), now.UnixNano())
	st.triggers[id] = &trigger{user: u.ID, at: now}
	return id
}

// exchange takes the trigger_id of a call, and gives whose act it stands for.
func (c *call) exchange() (user, code string) {
	t := c.st.triggers[c.args.Get("trigger_id")]
	switch {
	case t == nil:
		return "", "invalid_trigger_id"
	case t.used:
		return "", "exchanged_trigger_id"
	case c.s.Real().Sub(t.at) > triggersLast:
		return "", "expired_trigger_id"
	}
	t.used = true
	return t.user, ""
}

// Command has a person give a slash command, as "/sla mine", in a channel.
func (s *Workspace) Command(who, ref, line string) error {
	var d *delivery
	err := s.by(who, ref, func(u *user, ch *channel) error {
		command, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !ch.has(u.ID) || command == "" || command[0] != '/' {
			return fmt.Errorf("%s can't give the command %q there", u.Name, line)
		}
		d = s.tell(aCommand, object{"token": "", "team_id": team, "team_domain": "acme", "channel_id": ch.ID, "channel_name": ch.called(),
			"user_id": u.ID, "user_name": u.login(), "command": command, "text": text, "api_app_id": app,
			"is_enterprise_install": fmt.Sprint(s.options.OrgWide), "trigger_id": s.trigger(u),
			"response_url": s.responseURL("commands", &answerURL{User: u.ID, Channel: ch.ID})}, reply{User: u.ID, Channel: ch.ID})
		return nil
	})
	if err != nil {
		return err
	}
	return s.hand(d)
}

// OpenHome has a person look at the app's home.
func (s *Workspace) OpenHome(who string) (err error) {
	var d *delivery
	s.Do(func() {
		var u *user
		if u, err = s.state.person(who); err != nil {
			return
		}
		event := object{"user": u.ID, "channel": s.state.addressed(u.ID).ID, "tab": "home"}
		if v := s.state.home(u.ID); v != nil {
			event["view"] = v.shown()
		}
		d = s.event("app_home_opened", event, reply{})
	})
	if err == nil {
		_ = s.hand(d) // people aren't told whether the app was
	}
	return err
}

// seen is a message that a user sees, one that is for him alone among them; nil if he
// sees none.
func (ch *channel) seen(ts, user string) *Message {
	for _, m := range ch.Messages {
		if m.TS == ts && (m.Only == user || m.Only == "" && ch.has(user)) {
			return m
		}
	}
	return nil
}

// called is the channel's name in payloads.
func (ch *channel) called() string {
	switch {
	case ch.Name == "":
		return "directmessage"
	case ch.Private:
		return "privategroup"
	}
	return ch.Name
}
