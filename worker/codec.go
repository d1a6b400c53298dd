package worker

import (
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// sealedEncoding marks a sealed payload in histories. It is a wire format: add others, never change it.
const sealedEncoding = "binary/onecard-sealed-1"

// payloadAAD keeps payloads apart from what else is sealed under the same keys.
var payloadAAD = []byte("temporal payload")

// Sealer encrypts and authenticates; both methods may be called concurrently.
type Sealer interface {
	// Seal returns plain sealed; who opens it must give the same aad.
	Seal(plain, aad []byte) []byte
	// Open returns what was sealed with aad, or an error that bears nothing of the content.
	Open(sealed, aad []byte) ([]byte, error)
}

// Codec seals every Temporal payload whole, with its metadata, so that histories show no argument, result, memo or
// message. Payloads that it did not seal pass through Decode as they are.
type Codec struct{ sealer Sealer }

// NewCodec returns the codec for workers, clients and the Web UI's codec endpoint.
func NewCodec(s Sealer) *Codec { return &Codec{sealer: s} }

// Encode returns payloads sealed, in their order.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return each(payloads, c.seal)
}

// Decode returns payloads opened, in their order.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return each(payloads, c.open)
}

func (c *Codec) seal(p *commonpb.Payload) (*commonpb.Payload, error) {
	plain, err := proto.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("seal payload: %w", err)
	}
	return &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(sealedEncoding)},
		Data:     c.sealer.Seal(plain, payloadAAD),
	}, nil
}

func (c *Codec) open(p *commonpb.Payload) (*commonpb.Payload, error) {
	if string(p.GetMetadata()[converter.MetadataEncoding]) != sealedEncoding {
		return p, nil
	}
	plain, err := c.sealer.Open(p.GetData(), payloadAAD)
	if err != nil {
		return nil, fmt.Errorf("open payload: %w", err)
	}
	var opened commonpb.Payload
	if err := proto.Unmarshal(plain, &opened); err != nil {
		return nil, fmt.Errorf("open payload: %w", err)
	}
	return &opened, nil
}

func each(in []*commonpb.Payload, do func(*commonpb.Payload) (*commonpb.Payload, error)) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(in))
	for n, p := range in {
		var err error
		if out[n], err = do(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// DataConverter is the SDK's own converter with every payload sealed by s. Search attributes do not pass through it:
// they hold business keys only.
func DataConverter(s Sealer) converter.DataConverter {
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), NewCodec(s))
}

// FailureConverter seals the messages and stack traces of failures too; without it they stand readable in histories.
func FailureConverter(s Sealer) converter.FailureConverter {
	return temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter:          DataConverter(s),
		EncodeCommonAttributes: true,
	})
}
