import { drawSvg } from '../../lib/draw-svg.ts'

export interface PictureText {
  readonly title: string
  readonly subtitle: string
  /** SIMULATED, REPLAY; null in the real market. */
  readonly warning: string | null
}

const MARGIN = 12
const HEAD = 44
const LEGEND = 22
/** Sharp on screens of any density. */
const SCALE = 2

/** A card's chart as a PNG: its title, the legend and the plot on the ground of the page. */
export async function chartPicture(card: HTMLElement, text: PictureText): Promise<Blob | null> {
  const plot = card.querySelector<SVGSVGElement>('.chart-plot svg')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  if (plot === null || context === null) return null
  const { width, height } = plot.getBoundingClientRect()
  const full = { width: width + 2 * MARGIN, height: height + HEAD + LEGEND + MARGIN }
  canvas.width = Math.round(SCALE * full.width)
  canvas.height = Math.round(SCALE * full.height)
  context.scale(SCALE, SCALE)
  const style = getComputedStyle(card)
  context.fillStyle = style.backgroundColor
  context.fillRect(0, 0, full.width, full.height)
  drawHead(context, style, text, full.width)
  drawLegend(context, card, style)
  context.translate(MARGIN, HEAD + LEGEND)
  drawSvg(context, plot)
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
}

function drawHead(context: CanvasRenderingContext2D, style: CSSStyleDeclaration, text: PictureText, width: number) {
  const root = getComputedStyle(document.documentElement)
  context.fillStyle = style.color
  context.font = `600 15px ${style.fontFamily}`
  context.fillText(text.title, MARGIN, 22)
  context.fillStyle = root.getPropertyValue('--muted')
  context.font = `400 11px ${style.fontFamily}`
  context.fillText(text.subtitle, MARGIN, 38)
  if (text.warning === null) return
  context.font = `700 12px ${style.fontFamily}`
  const size = context.measureText(text.warning).width
  context.fillStyle = root.getPropertyValue('--banner')
  context.fillRect(width - size - 3 * MARGIN, 10, size + 2 * MARGIN, 20)
  context.fillStyle = root.getPropertyValue('--banner-text')
  context.fillText(text.warning, width - size - 2 * MARGIN, 24)
}

function drawLegend(context: CanvasRenderingContext2D, card: HTMLElement, style: CSSStyleDeclaration): void {
  let left = MARGIN
  context.font = `400 11px ${style.fontFamily}`
  for (const entry of card.querySelectorAll<HTMLElement>('.chart-legend li')) {
    const swatch = entry.querySelector('svg')
    const name = entry.textContent.trim()
    context.save()
    context.translate(left, HEAD + 3)
    if (swatch !== null) drawSvg(context, swatch)
    context.restore()
    context.fillStyle = style.color
    context.fillText(name, left + 23, HEAD + 12)
    left += 23 + context.measureText(name).width + 16
  }
}
