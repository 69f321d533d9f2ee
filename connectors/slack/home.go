package slack

import (
	"context"
	"fmt"
	"time"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// Home is what somebody sees on the app's home: what he sees to, then what his teams
// have to see to beside that, each by the time left.
type Home struct {
	Language       string
	Mine, Team     []rules.Alert // those of rules.Verdict.Foremost
	MoreMine, More int           // how many are left out
	Teams          string        // the names; empty: nobody knows which they are
	Board          string        // where all are; empty = nowhere that a link leads to
	At             time.Time     // when all this was so
}

// RenderHome is the home's blocks: a row for each ticket, with the button that takes it
// or gives it back.
func RenderHome(h Home) []slackgo.Block {
	w := in(h.Language)
	blocks := []slackgo.Block{slackgo.NewHeaderBlock(plain(w.Say("home.mine")))}
	blocks = append(blocks, w.rows(h.Mine, ReleaseAction, "home.no_mine")...)
	blocks = append(blocks, w.rest(h.MoreMine, h.Board)...)
	if h.Teams != "" {
		blocks = append(blocks, slackgo.NewDividerBlock(), slackgo.NewHeaderBlock(plain(shorten(w.Say("home.team", "team", h.Teams), headlineLength))))
		blocks = append(blocks, w.rows(h.Team, TakeAction, "home.no_team")...)
		blocks = append(blocks, w.rest(h.More, h.Board)...)
	}
	return append(blocks, w.asOf(h.At)...)
}

// headlineLength is Slack's limit of a header, without what escaping adds to a name.
const headlineLength = 100

// rows are the tickets of a home, or that there are none.
func (w speech) rows(alerts []rules.Alert, action, none string) (blocks []slackgo.Block) {
	for _, a := range alerts {
		ref := a.Source + ":" + a.ID
		button := slackgo.NewButtonBlockElement(action, ref, plain(w.Say("home."+action)))
		row := slackgo.NewSectionBlock(markup(w.task(a)), nil, slackgo.NewAccessory(button))
		row.BlockID = shorten(action+" "+ref, 255)
		blocks = append(blocks, row)
	}
	if len(blocks) == 0 {
		blocks = append(blocks, slackgo.NewSectionBlock(markup(w.Say(none)), nil, nil))
	}
	return blocks
}

// rest says how many tickets a home leaves out.
func (w speech) rest(n int, board string) (blocks []slackgo.Block) {
	for _, line := range w.more(n, board) {
		blocks = append(blocks, slackgo.NewContextBlock("", markup(line)))
	}
	return blocks
}

// ShowHome has somebody, by his id, see a home. An error is an *Error.
func (c *Client) ShowHome(ctx context.Context, user string, h Home) error {
	view := slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab, Blocks: slackgo.Blocks{BlockSet: RenderHome(h)}}
	if _, err := c.api().PublishViewContext(ctx, slackgo.PublishViewContextRequest{UserID: user, View: view}); err != nil {
		return fmt.Errorf("show %s the home: %w", user, repeatable(err))
	}
	return nil
}
