/**
 * Draws an SVG as it stands on the page onto a canvas: paths, lines, rectangles, circles and text with their computed
 * styles, clipped where they are. By hand, because an SVG as an image would need a policy that allows `data:` images,
 * and would not know the styles of the page. Gradients, patterns, masks and nested SVGs are not drawn.
 */
export function drawSvg(context: CanvasRenderingContext2D, svg: SVGSVGElement): void {
  const base = context.getTransform()
  for (const child of svg.children) drawElement(context, child, base, 1)
  context.setTransform(base)
}

function drawElement(context: CanvasRenderingContext2D, element: Element, base: DOMMatrix, above: number): void {
  if (!(element instanceof SVGGraphicsElement) || element instanceof SVGDefsElement) return
  const style = getComputedStyle(element)
  if (style.display === 'none' || style.visibility === 'hidden') return
  const opacity = above * Number(style.opacity)
  context.save()
  context.setTransform(base)
  clip(context, style)
  const matrix = element.getCTM()
  if (matrix !== null) context.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
  if (element instanceof SVGTextElement) drawText(context, element, style, opacity)
  else if (element instanceof SVGGElement) {
    for (const child of element.children) drawElement(context, child, base, opacity)
  } else paint(context, shapeOf(element), style, opacity)
  context.restore()
}

/** Clips to the rectangle or path of the style's `clip-path`, in the coordinates of the whole SVG. */
function clip(context: CanvasRenderingContext2D, style: CSSStyleDeclaration): void {
  const id = /url\("?#([^")]+)"?\)/.exec(style.clipPath)?.[1]
  const shape = id === undefined ? null : (document.getElementById(id)?.firstElementChild ?? null)
  const path = shape === null ? null : shapeOf(shape)
  if (path !== null) context.clip(path)
}

function shapeOf(element: Element): Path2D | null {
  if (element instanceof SVGPathElement) return new Path2D(element.getAttribute('d') ?? '')
  const path = new Path2D()
  if (element instanceof SVGRectElement) {
    const { x, y, width, height } = element
    path.rect(x.baseVal.value, y.baseVal.value, width.baseVal.value, height.baseVal.value)
    return path
  }
  if (element instanceof SVGCircleElement) {
    path.arc(element.cx.baseVal.value, element.cy.baseVal.value, element.r.baseVal.value, 0, 2 * Math.PI)
    return path
  }
  if (element instanceof SVGLineElement) {
    path.moveTo(element.x1.baseVal.value, element.y1.baseVal.value)
    path.lineTo(element.x2.baseVal.value, element.y2.baseVal.value)
    return path
  }
  return null
}

const isPaint = (value: string) => value !== 'none' && !value.startsWith('url')

function paint(
  context: CanvasRenderingContext2D,
  path: Path2D | null,
  style: CSSStyleDeclaration,
  opacity: number,
): void {
  if (path === null) return
  if (isPaint(style.fill)) {
    context.globalAlpha = opacity * Number(style.fillOpacity)
    context.fillStyle = style.fill
    context.fill(path)
  }
  if (!isPaint(style.stroke)) return
  context.globalAlpha = opacity * Number(style.strokeOpacity)
  context.strokeStyle = style.stroke
  context.lineWidth = Number.parseFloat(style.strokeWidth)
  context.setLineDash(style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(',').map(Number.parseFloat))
  context.stroke(path)
}

/** Each piece of text where the browser has put its first character, so that anchors and shifts need no sums. */
function drawText(
  context: CanvasRenderingContext2D,
  element: SVGTextElement,
  style: CSSStyleDeclaration,
  opacity: number,
): void {
  if (!isPaint(style.fill)) return
  context.globalAlpha = opacity * Number(style.fillOpacity)
  context.fillStyle = style.fill
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
  const spans = [...element.children].filter((child) => child instanceof SVGTSpanElement)
  for (const piece of spans.length === 0 ? [element] : spans) {
    if (piece.getNumberOfChars() === 0) continue
    const { x, y } = piece.getStartPositionOfChar(0)
    context.fillText(piece.textContent, x, y)
  }
}
