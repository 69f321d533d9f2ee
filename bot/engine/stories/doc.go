// Package stories searches for disasters: it has no product code, only a test that
// draws stories from a seed and plays them.
//
// A story is what people do to some tickets of a Zendesk and a Jira, and what goes
// wrong meanwhile: webhooks are lost, vendors refuse, hang, or answer what isn't their
// API's, the program is killed around what it does, its state can't be written. Each
// story is played twice, without its faults and with them, and what there is in the
// end is held against a model that works out from the people's acts alone what there
// must be (model_test.go). The model shares no code with the program.
//
// The whole program is played, from the vendors' HTTP to the state's file, in a bubble
// of testing/synctest: its time-outs, waits and deadlines are those of the product,
// and cost no time. The runner is the test's own: it runs one round at a time, so that
// a seed is played the same way each time.
//
//	go test ./bot/engine/stories -stories 500     # that many, from -first on
//	go test ./bot/engine/stories -seed 17 -v      # this one, with the program's log
//	go test ./bot/engine/stories -planted         # is each planted bug found?
package stories
