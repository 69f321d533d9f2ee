package store_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
	"vigie/connectors/desk"
)

// testStaff: who was once staff is staff for good, in that source; and what was told
// before that was known is read again.
func testStaff(t *testing.T, open func(*testing.T) *store.Store) {
	t.Run("is remembered", func(t *testing.T) {
		s := open(t)
		zendesk, other := s.Accounts("zendesk"), s.Accounts("zendesk-2")
		must(t, zendesk.RememberStaff(t.Context(), nil))
		must(t, zendesk.RememberStaff(t.Context(), []string{"900007", "900008"}))
		must(t, zendesk.RememberStaff(t.Context(), []string{"900008", "900009"}))
		all := []string{"900006", "900007", "900008", "900009"}
		staff := got[map[string]bool](t)(zendesk.Staff(t.Context(), all))
		if diff := cmp.Diff(map[string]bool{"900007": true, "900008": true, "900009": true}, staff); diff != "" {
			t.Error(diff)
		}
		if staff := got[map[string]bool](t)(other.Staff(t.Context(), all)); len(staff) > 0 {
			t.Errorf("another source has %v", staff)
		}
		if all := got[[]string](t)(zendesk.AllStaff(t.Context())); !slices.Equal(all, []string{"900007", "900008", "900009"}) {
			t.Errorf("all are %v", all)
		}
		if staff := got[map[string]bool](t)(zendesk.Staff(t.Context(), nil)); len(staff) > 0 {
			t.Errorf("of nobody: %v", staff)
		}
	})
	t.Run("tickets of an account are read again", func(t *testing.T) {
		s := open(t)
		keep := func(ticket, body string) {
			read(t, s, ticket, "v1")
			must(t, s.Keep(t.Context(), "zendesk", []desk.Act{{Ticket: ticket, ID: "a" + ticket, At: noon, Body: body}}, nil))
		}
		keep("41", `{"author_id":"900007"}`)
		keep("42", `{"author_id":"9000071"}`)
		keep("43", `{"author_id":"900001","events":[{"type":"Comment","author_id":"900007"}]}`)
		must(t, s.Accounts("jira").ReadAgain(t.Context(), []string{"900007"}, after(1)))
		if is := changed(t, s); is != "" {
			t.Errorf("another source's account has %q read again", is)
		}
		must(t, s.Accounts("zendesk").ReadAgain(t.Context(), []string{"900007", "900008"}, after(1)))
		if is := changed(t, s); is != "41 43" {
			t.Errorf("%q are to be read again", is)
		}
	})
}
