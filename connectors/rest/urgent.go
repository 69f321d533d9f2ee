package rest

import "context"

type urgentKey struct{}

// Urgent marks what is done under the context as more urgent than what else may
// wait for the vendor's quota.
func Urgent(ctx context.Context) context.Context { return context.WithValue(ctx, urgentKey{}, true) }

// IsUrgent says that Urgent has marked the context.
func IsUrgent(ctx context.Context) bool { return ctx.Value(urgentKey{}) != nil }
