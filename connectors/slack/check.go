package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// needed are the scopes without which promises of this package break: to post
// and edit, and to look for a message whose post had no clear answer.
var needed = []string{"chat:write", "channels:history"}

// Check asks Slack whether it knows the token, and whether the token may do
// what is needed; the error names what is missing. Where the answer doesn't list
// the token's scopes, nothing is said about them. An error is an *Error.
func (c *Client) Check(ctx context.Context) error {
	who, err := c.api().AuthTestContext(ctx)
	if err == nil && who.UserID == "" {
		err = errEmpty
	}
	if err != nil {
		return fmt.Errorf("check slack token: %w", repeatable(err))
	}
	header := who.Header.Get("X-OAuth-Scopes")
	if header == "" {
		return nil
	}
	granted := strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ' ' })
	missing := slices.DeleteFunc(slices.Clone(needed), func(scope string) bool {
		return slices.Contains(granted, scope)
	})
	if len(missing) > 0 {
		return fmt.Errorf("check slack token: %w", &Error{Outcome: Parked, Code: "missing_scope",
			Remedy: missingScope(strings.Join(missing, ", ")), Err: errors.New("missing_scope")})
	}
	return nil
}
