// Package bench measures business time beside rickar/cal, in one run and on
// the same calendar: Monday to Friday 09:00-17:00 in Paris with the holidays of
// France, 11 a year. It is a module of its own, so that the peer never becomes
// a dependency of the program; nothing at the root builds, vets or tests it.
//
//	cd rules/calendar/bench
//	go test -bench . -count 5
//
// TestSameAnswers makes sure that both answer alike before they are timed.
package bench
