package slack

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
)

const (
	reactionsEach = 23 // that one person may put under a message
	reactionsAll  = 50 // different ones under a message
)

var emoji = regexp.MustCompile(`^[a-z0-9_'+-]{1,100}(::skin-tone-[2-6])?$`)

// React has a person put an emoji, named without colons, under a message.
func (s *Workspace) React(who, ref, ts, name string) error {
	return s.reactBy(who, ref, ts, name, (*Message).react, "reaction_added")
}

// Unreact has a person take an emoji of his away from a message.
func (s *Workspace) Unreact(who, ref, ts, name string) error {
	return s.reactBy(who, ref, ts, name, (*Message).unreact, "reaction_removed")
}

func (s *Workspace) reactBy(who, ref, ts, name string, do func(m *Message, user, name string) string, event string) error {
	var d *delivery
	err := s.by(who, ref, func(u *user, ch *channel) error {
		m := ch.message(ts)
		if m == nil || !ch.has(u.ID) {
			return fmt.Errorf("%s sees no message %s", u.Name, ts)
		}
		if code := do(m, u.ID, name); code != "" {
			return errors.New(code)
		}
		d = s.reacted(event, u.ID, ch, m, name)
		return nil
	})
	if err == nil {
		_ = s.hand(d) // people aren't told whether the app was
	}
	return err
}

// reacted has the app told of a reaction, in a channel that the bot is in. The lock is
// held.
func (s *Workspace) reacted(event, user string, ch *channel, m *Message, name string) *delivery {
	if ch.Outside {
		return nil
	}
	return s.event(event, object{"user": user, "reaction": name, "item_user": m.User, "item": object{"type": "message", "channel": ch.ID, "ts": m.TS}}, reply{})
}

// react puts an emoji under the message, or says with which word that is refused. The
// lists are made anew, so that those given away stay as they were.
func (m *Message) react(user, name string) (code string) {
	if !emoji.MatchString(name) {
		return "invalid_name"
	}
	mine, at := 0, -1
	for i, r := range m.Reactions {
		if slices.Contains(r.Users, user) {
			mine++
		}
		if r.Name == name {
			at = i
		}
	}
	switch {
	case at >= 0 && slices.Contains(m.Reactions[at].Users, user):
		return "already_reacted"
	case mine >= reactionsEach:
		return "too_many_reactions"
	case at < 0 && len(m.Reactions) >= reactionsAll:
		return "too_many_emoji"
	}
	list := slices.Clone(m.Reactions)
	if at < 0 {
		list = append(list, Reaction{Name: name, Users: []string{user}})
	} else {
		list[at].Users = append(slices.Clone(list[at].Users), user)
	}
	m.Reactions = list
	return ""
}

func (m *Message) unreact(user, name string) (code string) {
	if !emoji.MatchString(name) {
		return "invalid_name"
	}
	at := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name && slices.Contains(r.Users, user) })
	if at < 0 {
		return "no_reaction"
	}
	list := slices.Clone(m.Reactions)
	list[at].Users = slices.DeleteFunc(slices.Clone(list[at].Users), func(id string) bool { return id == user })
	m.Reactions = slices.DeleteFunc(list, func(r Reaction) bool { return len(r.Users) == 0 })
	return ""
}

func addReaction(c *call) (object, string) { return c.react((*Message).react, "reaction_added") }

func removeReaction(c *call) (object, string) { return c.react((*Message).unreact, "reaction_removed") }

func (c *call) react(do func(m *Message, user, name string) string, event string) (object, string) {
	ch, m, code := c.reactable()
	if code == "" && ch.Archived {
		code = "is_archived"
	}
	if code == "" {
		code = do(m, botUser, c.args.Get("name"))
	}
	if code != "" {
		return nil, code
	}
	c.s.Changed()
	c.s.reacted(event, botUser, ch, m, c.args.Get("name")) // the app hears of its own reactions too
	return object{}, ""
}

// reactable is the message that a call names, in a channel that the bot is in.
func (c *call) reactable() (ch *channel, m *Message, code string) {
	if c.args.Get("channel") == "" || c.args.Get("timestamp") == "" {
		return nil, nil, "no_item_specified"
	}
	if tsKey(c.args.Get("timestamp")) == "" {
		return nil, nil, "bad_timestamp"
	}
	if ch, code = c.named(); code != "" {
		return nil, nil, code
	}
	if ch.Outside {
		return nil, nil, "not_in_channel"
	}
	if m = ch.message(c.args.Get("timestamp")); m == nil {
		return nil, nil, "message_not_found"
	}
	return ch, m, ""
}

func getReactions(c *call) (object, string) {
	ch, m, code := c.reactable()
	if code != "" {
		return nil, code
	}
	return ch.reactedItem(m), ""
}

// reactedItem is a message as reactions.get and reactions.list show it.
func (ch *channel) reactedItem(m *Message) object {
	o := ch.shownMessage(m, false)
	o["permalink"] = ch.permalink(m)
	return object{"type": "message", "channel": ch.ID, "message": o}
}

// listReactions lists what one user, the bot unless another is named, has reacted to,
// the latest message first.
func listReactions(c *call) (object, string) {
	who := cmp.Or(c.args.Get("user"), botUser)
	if who != botUser && c.st.user(who) == nil {
		return nil, "user_not_found"
	}
	var found []*Message
	of := map[*Message]*channel{}
	for _, ch := range c.st.Channels {
		for _, m := range ch.Messages {
			if !ch.Outside && slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return slices.Contains(r.Users, who) }) {
				found, of[m] = append(found, m), ch
			}
		}
	}
	slices.SortFunc(found, func(a, b *Message) int { return cmp.Compare(tsKey(b.TS), tsKey(a.TS)) })
	part, next, code := section(c, found, 1000)
	if code != "" {
		return nil, code
	}
	items := []object{}
	for _, m := range part {
		items = append(items, of[m].reactedItem(m))
	}
	return object{"items": items, "response_metadata": object{"next_cursor": next}}, ""
}

func (m *Message) shownReactions() []object {
	var list []object
	for _, r := range m.Reactions {
		list = append(list, object{"name": r.Name, "users": r.Users, "count": len(r.Users)})
	}
	return list
}
