package slack

import "slices"

// Locked says of a code of Slack's that it refuses the credentials, and so everything.
func Locked(code string) bool {
	return slices.Contains([]string{"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive"}, code)
}
