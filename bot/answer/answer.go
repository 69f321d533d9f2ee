// Package answer does what people ask for in Slack: they click on a card, put 👀 under
// it, give a command, open the app's home, or paste a link.
//
// What changes a ticket is stored under the event's key before the event is
// acknowledged, and is done by the engine (engine.Ask): so it is done once, however
// often Slack tells of it and whatever dies in between. What only asks is answered at
// once, from what is stored, and to the one who asked alone. Nobody is left without a
// word: an act that can't be done says why.
//
// An event is handled by its kind in a function of its own: acts.go has clicks and
// reactions, commands.go, home.go and unfurl.go the others. None of them asks a vendor:
// Slack waits three seconds.
package answer

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/slack"
	"vigie/rules"
	"vigie/rules/oncall"
)

// An Answerer answers. Its fields are set before it is used.
type Answerer struct {
	Engine   *engine.Engine
	Store    *store.Store
	Slack    *slack.Client
	Inbox    *slack.Inbox // for Look alone
	Language string       // of answers where nothing tells another: a tag of rules/words

	// PublicURL is where people reach the board, without a slash at its end; "" for
	// nowhere.
	PublicURL string

	Rotas []*oncall.Rota // those of the configuration, for who is on call
	Zone  *time.Location // whose days are meant by today; nil: UTC

	Now func() time.Time // ticket time
	Log *slog.Logger
}

// Handle does what an event asks for. It has returned nil only when what must be kept of
// it is on disk; after an error the event is to be told again.
func (a *Answerer) Handle(ctx context.Context, e slack.Event) (slack.Response, error) {
	switch e.Kind {
	case slack.Click:
		return a.click(ctx, e)
	case slack.Reacted, slack.Unreacted:
		return a.reaction(ctx, e)
	case slack.Command:
		return a.command(ctx, e)
	case slack.HomeOpened:
		return a.home(ctx, e)
	case slack.LinksShared:
		return a.unfurl(ctx, e)
	}
	return slack.Response{}, nil
}

// person is whoever did something, as the chat names him. His name and address are
// looked up by the engine, since that may take long.
func person(e slack.Event) rules.Person { return rules.Person{ID: e.User} }

// ticketOf parts a ticket's name, "zendesk:42"; empty if it is none.
func ticketOf(ref string) (source, id string) {
	source, id, found := strings.Cut(ref, ":")
	if !found || source == "" || id == "" {
		return "", ""
	}
	return source, id
}

// page is the address of a ticket's page, "" where nobody reaches it.
func (a *Answerer) page(source, id string) string {
	if a.PublicURL == "" {
		return ""
	}
	return a.PublicURL + "/tickets/" + url.PathEscape(source) + "/" + url.PathEscape(id)
}
