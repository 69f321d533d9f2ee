package main

import (
	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/zendesk"
)

// registry has every ticketing tool that Vigie speaks with, in the order in which
// people are told of them. Commands and wiring ask it; none of them names a vendor.
var registry = []*desk.Vendor{zendesk.Vendor, jira.Vendor}
