package slack

import (
	"cmp"
	"strings"
)

func authTest(c *call) (object, string) {
	if c.s.options.OrgWide {
		return object{"url": host, "team": "Acme Group", "user": "vigie", "team_id": organization, "user_id": botUser, "bot_id": botID,
			"enterprise_id": organization, "is_enterprise_install": true}, ""
	}
	return object{"url": host, "team": "Acme", "user": "vigie", "team_id": team, "user_id": botUser, "bot_id": botID, "is_enterprise_install": false}, ""
}

func channelInfo(c *call) (object, string) {
	ch, code := c.named()
	if code == "" {
		code = c.may(ch.kind() + ":read")
	}
	if code != "" {
		return nil, code
	}
	return object{"channel": ch.shown()}, ""
}

func (ch *channel) shown() object {
	if ch.Name == "" {
		return object{"id": ch.ID, "is_im": true, "user": ch.with(), "is_archived": ch.Archived}
	}
	return object{"id": ch.ID, "name": ch.Name, "name_normalized": ch.Name, "is_channel": true, "is_group": false, "is_im": false, "is_mpim": false,
		"is_private": ch.Private, "is_archived": ch.Archived, "is_member": !ch.Outside, "is_general": false}
}

func listChannels(c *call) (object, string) {
	if c.s.options.OrgWide {
		switch c.args.Get("team_id") {
		case "":
			c.detail = object{"response_metadata": object{"messages": []string{"[ERROR] missing required field: team_id"}}}
			return nil, "missing_argument"
		case team:
		default:
			return nil, "team_access_not_granted"
		}
	}
	kinds := map[string]bool{}
	for kind := range strings.SplitSeq(cmp.Or(c.args.Get("types"), "public_channel"), ",") {
		scope, known := map[string]string{"public_channel": "channels", "private_channel": "groups", "mpim": "mpim", "im": "im"}[strings.TrimSpace(kind)]
		if !known {
			return nil, "invalid_types"
		}
		if code := c.may(scope + ":read"); code != "" {
			return nil, code
		}
		kinds[scope] = true
	}
	list := []object{}
	var all []*channel
	for _, ch := range c.st.Channels {
		if kinds[ch.kind()] && !ch.hidden() && !(ch.Archived && c.is("exclude_archived")) {
			all = append(all, ch)
		}
	}
	part, next, code := section(c, all, 999)
	if code != "" {
		return nil, code
	}
	for _, ch := range part {
		list = append(list, ch.shown())
	}
	page := object{"channels": list, "response_metadata": object{"next_cursor": next}}
	c.endless(page)
	return page, ""
}
