//go:build planted_watermark_outside

package planted

const bug = "WatermarkOutside"
