package exchange_test

import (
	"flag"
	"os"
	"strconv"
	"testing"
)

// atOnce is how many tests run side by side, whatever the machine: many of them wait for a silent partner most of the time.
const atOnce = 24

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
		panic(err) // the testing package has this flag
	}
	os.Exit(m.Run())
}
