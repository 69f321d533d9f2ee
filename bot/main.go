// Command bot is Vigie, and calls itself vigie: it keeps support promises. It
// watches the tickets of a company's Zendesk and Jira, works out the deadlines that
// its support policy sets, writes them into the tickets, and warns people in Slack in
// time.
//
// This package holds one file per command and the wiring, nothing else. The
// parts, from the inside out: rules (policy + ticket + now = verdict, pure),
// connectors (vendors in our words), store, engine, web, config.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"vigie/bot/print"
	"vigie/rules/policies"
	"vigie/rules/tomlfile"
)

// commands is the command line; each command is in a file of its own.
type commands struct {
	Demo    demoCommand    `cmd:"" help:"See it all work on invented tickets: no credentials, no set-up."`
	Serve   serveCommand   `cmd:"" help:"Watch the sources of a configuration, write and warn."`
	Check   checkCommand   `cmd:"" help:"Say in plain words what a configuration and its policies mean, or what is wrong with them."`
	Setup   setupCommand   `cmd:"" help:"Make at the vendors what a configuration needs: due fields, webhooks."`
	Explain explainCommand `cmd:"" help:"Show the timeline behind each due date of a ticket."`
	Report  reportCommand  `cmd:"" help:"Say which targets were met in a period, with the evidence."`
	Due     dueCommand     `cmd:"" help:"What if: the deadlines of a ticket that doesn't exist."`
	OnCall  oncallCommand  `cmd:"" name:"oncall" help:"Who is on call now, and whom it is handed over to."`
	Replay  replayCommand  `cmd:"" help:"Apply a policy to tickets, one JSON object a line in, one verdict a line out; or compare two policies."`
	Export  exportCommand  `cmd:"" help:"Write the tickets of a source with their histories, for replay."`
	Test    testCommand    `cmd:"" help:"Test a policy: what it must say of which ticket, when; and what no test would notice."`
	Triage  triageCommand  `cmd:"" help:"Measure how well the priority that a text suggests can be trusted."`
	Policy  policyCommand  `cmd:"" help:"Start a policy, show one, and what each of its keys means."`
	Backup  backupCommand  `cmd:"" help:"Copy the state into a file, also while Vigie runs."`
	Forget  forgetCommand  `cmd:"" help:"Erase what is kept of a ticket, because somebody asks for it; also while Vigie runs."`
	Sandbox sandboxCommand `cmd:"" help:"Run the simulated Zendesk, Jira and Slack on their own."`
	Health  healthCommand  `cmd:"" help:"Ask a running Vigie whether it is well."`
	Docs    docsCommand    `cmd:"" help:"Print the manual, a page at a time."`

	Version  bool   `help:"Say which program this is: version, commit, time zones, Go."`
	Verbose  bool   `short:"v" help:"Log what happens in detail."`
	Zoneinfo string `env:"VIGIE_ZONEINFO" placeholder:"DIR" help:"Follow the time zones in this folder, such as /usr/share/zoneinfo, instead of those built in."`
}

const description = `Vigie keeps support promises: it carries a written support policy out to the
second over Zendesk and Jira, and warns in Slack before a promise is missed.

To begin:
  vigie demo                                    see it work: no account, no set-up
  vigie check --config config.toml              what a configuration means, or what is wrong with it
  vigie setup --config config.toml --dry-run    what the vendors lack for it; without --dry-run it is made
  vigie serve --config config.toml --dry-run    watch and judge, change nothing
  vigie serve --config config.toml
  vigie docs                                    the manual: installing, policies, security, troubleshooting

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.`

// program is what a command may use of the outside world.
type program struct {
	ctx     context.Context
	stdin   io.Reader
	stdout  io.Writer
	stderr  *print.Veil // no secret passes
	log     *slog.Logger
	verbose bool
	life    life
}

// counts tells whoever looks on how far long work has come; what is counted, one of
// it, is said by its noun: "line".
func (p *program) counts(what string) *print.Meter { return print.NewMeter(p.stderr, p.stdout, what) }

// life is how time goes by for serve: a test's process has a clock of its own that
// jumps, and doesn't wait for it.
type life struct {
	now   func() time.Time // ticket time
	sweep time.Duration    // how often what is due is looked for; 0: as the runners do
	hurry bool
}

// usageError is a mistake in the command line, a configuration or a policy.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// understood says of a line that can't be carried out that every word of it was known,
// and that it only lacks some. Kong has set the flags by then.
func understood(err error) bool {
	var e *kong.ParseError
	return errors.As(err, &e) && e.Context.Error == nil
}

// run is the program, from outside; its result is the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return live(ctx, life{now: time.Now}, args, stdin, stdout, stderr)
}

// live is run where time goes by in a way of its own.
func live(ctx context.Context, l life, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("vigie"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }), kong.Vars{"policies": strings.Join(policies.Names(), ", ")},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		fmt.Fprintln(stderr, "vigie:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // help was asked for
		return exited
	}
	if err != nil && !(c.Version && understood(err)) {
		fmt.Fprintf(stderr, "vigie: %s\nTry: vigie --help\n", err)
		return 2
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	if print.Terminal(stdout) {
		stdout = &print.Screen{Out: stdout}
	}
	veil := &print.Veil{Out: stderr}
	p := &program{ctx: ctx, stdin: stdin, stdout: stdout, stderr: veil, verbose: c.Verbose, life: l}
	p.log = slog.New(slog.NewTextHandler(veil, &slog.HandlerOptions{Level: level}))
	if err = useZones(c.Zoneinfo, veil); err == nil && c.Version {
		err = tellVersion(p)
	} else if err == nil {
		err = parsed.Run(p)
	}
	var problems tomlfile.Problems
	var usage usageError
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(p.stderr, "vigie: interrupted")
		return 1
	case errors.As(err, &problems):
		fmt.Fprintln(print.Plain(p.stderr), problems.Error())
		return 2
	case errors.As(err, &usage):
		fmt.Fprintf(print.Plain(p.stderr), "vigie: %s\n", strings.TrimSpace(err.Error()))
		return 2
	}
	fmt.Fprintf(print.Plain(p.stderr), "vigie: %s\n", err)
	return 1
}
