package card

// Survey is what lies in a partner's outbox, looked at all at once.
type Survey struct {
	Ready      []File   // can be collected
	NoManifest []File   // data files without their manifest, where there must be one
	NoData     []File   // manifests without their data file
	Notices    []File   // files of ours about which the partner has left a notice that it refuses them
	Strays     []string // names that are none of the exchange, as the partner wrote them
}
