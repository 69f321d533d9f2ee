package answer

import (
	"context"
	"slices"
	"strings"

	"vigie/connectors/slack"
)

// home shows somebody who opens the app's home what he sees to, and what his teams have
// to see to beside that.
func (a *Answerer) home(ctx context.Context, e slack.Event) (slack.Response, error) {
	by, err := a.Slack.Person(ctx, e.User)
	if err != nil {
		return slack.Response{}, err
	}
	mine, err := a.mine(ctx, by)
	if err != nil {
		return slack.Response{}, err
	}
	teams, err := a.teamsOf(ctx, e.User, mine)
	if err != nil {
		return slack.Response{}, err
	}
	theirs, err := a.of(ctx, teams)
	if err != nil {
		return slack.Response{}, err
	}
	theirs = slices.DeleteFunc(theirs, func(f found) bool { return a.holds(f, by) })
	h := slack.Home{Language: a.speaks(ctx, e.User).Tag, Teams: strings.Join(teams, ", "), Board: a.PublicURL, At: a.Now()}
	h.Mine, h.MoreMine = shown(mine)
	h.Team, h.More = shown(theirs)
	return slack.Response{}, a.Slack.ShowHome(ctx, e.User, h)
}
