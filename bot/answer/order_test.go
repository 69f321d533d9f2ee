package answer

import (
	"testing"
	"time"
)

// TestOrders: what is typed is understood in every language, whoever types it.
func TestOrders(t *testing.T) {
	for text, want := range map[string]order{
		"":                         {verb: help},
		"  ":                       {verb: help},
		"mine":                     {verb: mine},
		"MOI":                      {verb: mine},
		"team":                     {verb: team},
		"équipe Support Berlin":    {verb: team, rest: "Support Berlin"},
		"equipe  Support Berlin ":  {verb: team, rest: "Support Berlin"},
		"aujourd’hui":              {verb: today},
		"today":                    {verb: today},
		"ticket zendesk:42":        {verb: ticket, rest: "zendesk:42"},
		"qui":                      {verb: who},
		"prendre 42":               {verb: take, rest: "42"},
		"take 42":                  {verb: take, rest: "42"},
		"libérer SUP-7":            {verb: release, rest: "SUP-7"},
		"snooze 42":                {verb: snooze, rest: "42", lasts: 30 * time.Minute},
		"snooze zendesk:42 1h":     {verb: snooze, rest: "zendesk:42", lasts: time.Hour},
		"snooze zendesk:42 30 min": {verb: snooze, rest: "zendesk:42", lasts: 30 * time.Minute},
		"reporter 42 Ouverture":    {verb: snooze, rest: "42"},
		"reporter 42 open":         {verb: snooze, rest: "42"},
		"snooze 42 tomorrow":       {verb: snooze, rest: "42", odd: "tomorrow"},
		"aide":                     {verb: help},
		"?":                        {verb: help},
		"tke 42":                   {rest: "42", odd: "tke", near: take},
		"equippe":                  {odd: "equippe", near: team},
		"constantinople":           {odd: "constantinople"},
		"<!channel>":               {odd: "<!channel>"},
	} {
		if got := read(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}
