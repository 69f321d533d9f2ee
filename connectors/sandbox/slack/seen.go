package slack

import "maps"

// A Person is somebody of the workspace.
type Person struct{ ID, Email, Name string }

// Bot is the bot's id as a user, by which its messages are known.
const Bot = botUser

// People are those who can act, in the order in which they came.
func (s *Workspace) People() (list []Person) {
	s.Lock()
	defer s.Unlock()
	for _, u := range s.state.Users {
		if !u.Deleted {
			list = append(list, Person{u.ID, u.Email, u.Name})
		}
	}
	return list
}

// Names are what ids stand for where people read: users' names, groups' handles with
// @ and channels' names with #.
func (s *Workspace) Names() map[string]string {
	s.Lock()
	defer s.Unlock()
	names := map[string]string{botUser: "Vigie"}
	for _, u := range s.state.Users {
		names[u.ID] = u.Name
	}
	for _, g := range s.state.Groups {
		names[g.ID] = "@" + g.Handle
	}
	for _, c := range s.state.Channels {
		if c.Name != "" {
			names[c.ID] = "#" + c.Name
		}
	}
	return names
}

// Sees are the messages of a channel that a person sees, oldest first: his own
// ephemeral ones among them, and none of a channel that he isn't in.
func (s *Workspace) Sees(who, ref string) (list []Message) {
	s.Lock()
	defer s.Unlock()
	u, err := s.state.person(who)
	c := s.state.channel(ref)
	if err != nil || c == nil || !c.has(u.ID) {
		return nil
	}
	for _, m := range c.Messages {
		if m.Only == "" || m.Only == u.ID {
			seen := *m
			seen.Unfurls = maps.Clone(m.Unfurls)
			list = append(list, seen)
		}
	}
	return list
}

// Joined are the ids of the channels that a person is in, in the order in which they
// were made; his conversation with the bot is the last, if there is one.
func (s *Workspace) Joined(who string) (ids []string) {
	s.Lock()
	defer s.Unlock()
	u, err := s.state.person(who)
	if err != nil {
		return nil
	}
	own := ""
	for _, c := range s.state.Channels {
		switch {
		case c.Name == "" && c.has(u.ID):
			own = c.ID
		case c.Name != "" && c.has(u.ID):
			ids = append(ids, c.ID)
		}
	}
	if own != "" {
		ids = append(ids, own)
	}
	return ids
}
