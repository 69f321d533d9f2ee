package calendar

import (
	"fmt"
	"testing"
	"time"
)

// The calendar and the questions of the speed figures in the reference.
func Benchmark(b *testing.B) {
	c := must(b, Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-17:00"), Holidays: []string{"FR"}})
	start := at(b, "2026-03-02 09:17 Z")
	for _, span := range []struct {
		name          string
		days, minutes int64
	}{{"1d", 1, 480}, {"30d", 30, 10_080}, {"5y", 1826, 604_800}} {
		b.Run("add/"+span.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Add(start, span.minutes*60); err != nil {
					b.Fatal(err)
				}
			}
		})
		end := start.Add(time.Duration(span.days) * 24 * time.Hour)
		b.Run("between/"+span.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Between(start, end); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("open/"+span.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Open(end); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Instants all over five years, so that neither cache nor branch predictor
// knows the answer.
func BenchmarkScattered(b *testing.B) {
	c := must(b, Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-12:00", "13:00-17:00"), Holidays: []string{"FR"}})
	start := at(b, "2026-03-02 09:17 Z")
	var starts [4096]time.Time
	for i := range starts {
		starts[i] = start.Add(time.Duration(i*40_503%(1826*24*60)) * time.Minute)
	}
	i := 0
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			i++
			if _, err := c.Add(starts[i%4096], int64(i%604_800)*60); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("between", func(b *testing.B) {
		for b.Loop() {
			i++
			if _, err := c.Between(starts[i%4096], starts[(i*7)%4096]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Fifty calendars made and asked for the first time.
func BenchmarkLoad50(b *testing.B) {
	regions := Regions()
	start := at(b, "2026-03-02 09:17 Z")
	for b.Loop() {
		for i := range 50 {
			c := must(b, Spec{
				Name: fmt.Sprint(i), Zone: "Europe/Paris",
				Hours: hours("mon-fri", "09:00-17:00"), Holidays: []string{regions[i%len(regions)]},
			})
			if _, err := c.Add(start, 80*hour); err != nil {
				b.Fatal(err)
			}
		}
	}
}
