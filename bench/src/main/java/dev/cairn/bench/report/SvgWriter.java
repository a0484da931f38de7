package dev.cairn.bench.report;

import java.awt.Dimension;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.StringWriter;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGGraphics2DIOException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Draws plots as SVG elements of a page. The viewer's fonts may be narrower or wider than those
 * that the plot was laid out with, so each text carries the length that was measured, and is drawn
 * as long as that. What changes nothing is left out, to keep pages small; so are clips, outside of
 * which nothing is drawn, and whose identifiers would have to differ from plot to plot.
 */
final class SvgWriter {
  /** Of the same width: the one is on most Linux systems, the other on Windows and macOS. */
  private static final String FONTS = "DejaVu Sans, Verdana, sans-serif";

  private static final int DECIMALS = 1;
  private static final List<String> SUPERFLUOUS =
      List.of("clip-path", "font-family", "text-rendering", "xml:space", "xmlns:xlink");

  private SvgWriter() {}

  /** Returns an element that scales with the page. */
  static String svg(Plot plot) {
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(document());
    context.setComment(null);
    context.setPrecision(DECIMALS);
    SVGGraphics2D graphics = new SVGGraphics2D(context, false);
    graphics.setSVGCanvasSize(new Dimension(Plot.WIDTH, plot.height()));
    plot.chart().draw(graphics, new Rectangle2D.Double(0, 0, Plot.WIDTH, plot.height()));
    Element root = graphics.getRoot();
    keepLengths(root, graphics);
    simplify(root);
    root.setAttribute("font-family", FONTS);
    StringWriter written = new StringWriter();
    try {
      graphics.stream(root, written, false, false);
    } catch (SVGGraphics2DIOException e) {
      throw new IllegalStateException(e);
    }
    String document = written.toString().replaceAll("\\n *", "");
    String element = document.substring(document.indexOf("<svg"));
    String box = "<svg viewBox=\"0 0 " + Plot.WIDTH + " " + plot.height() + "\"";
    return box + element.substring("<svg".length());
  }

  private static void keepLengths(Element root, SVGGraphics2D graphics) {
    NodeList texts = root.getElementsByTagName("text");
    for (int i = 0; i < texts.getLength(); i++) {
      Element text = (Element) texts.item(i);
      Font font = isBold(text) ? Plot.STRONG : Plot.TEXT;
      int length = graphics.getFontMetrics(font).stringWidth(text.getTextContent());
      text.setAttribute("textLength", String.valueOf(length));
      text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
  }

  /** Whether an element, or the nearest one around it that says so, asks for bold letters. */
  private static boolean isBold(Element element) {
    String weight = element.getAttribute("font-weight");
    if (weight.isEmpty() && element.getParentNode() instanceof Element parent) {
      return isBold(parent);
    }
    return weight.equals("bold");
  }

  private static void simplify(Element root) {
    NodeList definitions = root.getElementsByTagName("defs");
    while (definitions.getLength() > 0) {
      Node found = definitions.item(0);
      found.getParentNode().removeChild(found);
    }
    NodeList all = root.getElementsByTagName("*");
    for (int i = all.getLength() - 1; i >= 0; i--) {
      Element element = (Element) all.item(i);
      SUPERFLUOUS.forEach(element::removeAttribute);
      if (isOutlineOf(element.getPreviousSibling(), element)) {
        element.getParentNode().removeChild(element);
      }
    }
  }

  /** Whether an element draws only the border of what was filled just before. */
  private static boolean isOutlineOf(@Nullable Node before, Element element) {
    String path = element.getAttribute("d");
    return !path.isEmpty()
        && before instanceof Element filled
        && filled.getAttribute("d").equals(path);
  }

  private static Document document() {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument("http://www.w3.org/2000/svg", "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }
}
