package slack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// AddChannel adds a public channel that the bot is a member of, and returns
// its id. The name may begin with #. A name that exists gives the channel
// there is.
func (s *Workspace) AddChannel(name string) (id string) { return s.add(name, false) }

// AddPrivateChannel is AddChannel for a channel that only its members see.
func (s *Workspace) AddPrivateChannel(name string) (id string) { return s.add(name, true) }

func (s *Workspace) add(name string, private bool) (id string) {
	s.Do(func() {
		st := &s.state
		c := st.channel("#" + strings.TrimPrefix(name, "#"))
		if c == nil {
			c = &channel{ID: fmt.Sprintf("C0SANDBOX%02d", len(st.Channels)+1), Name: strings.TrimPrefix(name, "#"), Private: private}
			st.Channels = append(st.Channels, c)
			s.Changed()
		}
		id = c.ID
	})
	return id
}

// Kick takes the bot out of a channel.
func (s *Workspace) Kick(ref string) error {
	return s.act(ref, func(c *channel) { c.Outside = true })
}

// Invite brings the bot back into a channel.
func (s *Workspace) Invite(ref string) error {
	return s.act(ref, func(c *channel) { c.Outside = false })
}

// Share has another company read a channel, too, by Slack Connect.
func (s *Workspace) Share(ref string) error {
	return s.act(ref, func(c *channel) { c.Shared = true })
}

// Archive archives a channel.
func (s *Workspace) Archive(ref string) error {
	return s.act(ref, func(c *channel) { c.Archived = true })
}

// Unarchive brings an archived channel back.
func (s *Workspace) Unarchive(ref string) error {
	return s.act(ref, func(c *channel) { c.Archived = false })
}

// Reinstall installs the app anew: from now on this token holds, with these scopes,
// all that there are if none is named, and the one before holds no more.
func (s *Workspace) Reinstall(token string, scopes ...string) {
	s.Do(func() { *s.token, s.options.Scopes = token, scopes })
}

// Say posts a message of a person and returns its ts; thread may be empty.
func (s *Workspace) Say(ref, email, text, thread string) (ts string, err error) {
	err = s.act(ref, func(c *channel) {
		author := "U0STRANGER"
		if u := s.state.userByEmail(email); u != nil {
			author = u.ID
		}
		ts = s.post(c, &Message{User: author, Text: text, ThreadTS: thread}).TS
	})
	return ts, err
}

// Delete deletes a message. Replies in its thread stay.
func (s *Workspace) Delete(ref, ts string) error {
	return s.act(ref, func(c *channel) {
		c.Messages = slices.DeleteFunc(c.Messages, func(m *Message) bool { return m.TS == ts })
	})
}

func (s *Workspace) act(ref string, f func(c *channel)) (err error) {
	s.Do(func() {
		c := s.state.channel(ref)
		if c == nil {
			err = fmt.Errorf("no channel %s", ref)
			return
		}
		f(c)
		s.Changed()
	})
	return err
}

// Messages reads a channel, oldest first, with replies and ephemeral messages;
// nil if there is no such channel.
func (s *Workspace) Messages(channel string) []Message {
	s.Lock()
	defer s.Unlock()
	c := s.state.channel(channel)
	if c == nil {
		return nil
	}
	var list []Message
	for _, m := range c.Messages {
		list = append(list, *m)
	}
	return list
}

// Channels lists the ids of all channels by name; conversations with one
// person are listed by that person's user id.
func (s *Workspace) Channels() map[string]string {
	s.Lock()
	defer s.Unlock()
	list := map[string]string{}
	for _, c := range s.state.Channels {
		list[cmp.Or(c.Name, "U"+strings.TrimPrefix(c.ID, "D"))] = c.ID
	}
	return list
}
