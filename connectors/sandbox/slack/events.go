package slack

import (
	"fmt"
	"slices"
	"strings"
)

// The kinds of what the app is told, by Socket Mode's names for them.
const (
	anEvent       = "events_api"
	anInteraction = "interactive"
	aCommand      = "slash_commands"
)

// eventScopes is what the token needs to be told of an event; empty where nothing.
var eventScopes = map[string]string{
	"reaction_added": "reactions:read", "reaction_removed": "reactions:read",
	"app_home_opened": "", "link_shared": "links:read",
}

// event has the app told of an event, if it has subscribed to it and may know. The
// lock is held; nil if it isn't told.
func (s *Workspace) event(name string, event object, about reply) *delivery {
	scope := eventScopes[name]
	if scope != "" && !slices.Contains(s.scopes(), scope) || s.options.Events != nil && !slices.Contains(s.options.Events, name) {
		return nil
	}
	event["type"] = name
	event["event_ts"] = s.nextTS()
	return s.tell(anEvent, object{
		"token": "", "team_id": team, "api_app_id": app, "event": event, "type": "event_callback",
		"event_id": fmt.Sprintf("Ev0SANDBOX%06d", s.count()), "event_time": s.Now().Unix(), "event_context": "4-sandbox", "is_ext_shared_channel": s.shares(about.Channel),
		"authorizations": []object{{"enterprise_id": nil, "team_id": team, "user_id": botUser, "is_bot": true, "is_enterprise_install": s.options.OrgWide}},
	}, about)
}

// scopes are those of the bot's token, without what a manner takes from it.
func (s *Workspace) scopes() []string {
	list := s.options.Scopes
	if list == nil {
		list = allScopes
	}
	return slices.DeleteFunc(slices.Clone(list), func(scope string) bool {
		return slices.Contains(allScopes, scope) && s.Faults.Has(vendor, withoutScope(scope))
	})
}

// withoutScope is the name of the manner that takes a scope from the token.
func withoutScope(scope string) string {
	return "without-" + strings.NewReplacer(":", "-", ".", "-").Replace(scope)
}

// count counts what the workspace makes up: events, triggers, views. The lock is held.
func (s *Workspace) count() int {
	s.state.Made++
	return s.state.Made
}

// shares says that another company reads a channel, too. The lock is held.
func (s *Workspace) shares(id string) bool {
	ch := s.state.channel(id)
	return ch != nil && ch.Shared
}
