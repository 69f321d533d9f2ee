module vigie/rules/calendar/bench

go 1.26.8

require (
	github.com/rickar/cal/v2 v2.1.13
	vigie v0.0.0
)

replace vigie => ../../..
