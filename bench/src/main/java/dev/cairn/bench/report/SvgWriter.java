package dev.cairn.bench.report;

import java.awt.Dimension;
import java.awt.geom.Rectangle2D;
import java.io.StringWriter;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGGraphics2DIOException;
import org.apache.batik.svggen.SVGIDGenerator;
import org.w3c.dom.Document;

/** Draws plots as SVG elements of one page: identifiers are never used twice. */
final class SvgWriter {
  /** Batik calls each picture's container of definitions so; nothing refers to it. */
  private static final String CONTAINER = "genericDefs";

  private final SVGIDGenerator ids = new SVGIDGenerator();

  /** Returns an element that scales with the page. */
  String svg(Plot plot) {
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(document());
    context.setIDGenerator(ids);
    context.setComment(null);
    SVGGraphics2D graphics = new SVGGraphics2D(context, false);
    graphics.setSVGCanvasSize(new Dimension(Plot.WIDTH, plot.height()));
    plot.chart().draw(graphics, new Rectangle2D.Double(0, 0, Plot.WIDTH, plot.height()));
    StringWriter written = new StringWriter();
    try {
      graphics.stream(written, false);
    } catch (SVGGraphics2DIOException e) {
      throw new IllegalStateException(e);
    }
    String document = written.toString();
    String element =
        document.substring(document.indexOf("<svg")).replace(" id=\"" + CONTAINER + "\"", "");
    String box = "<svg viewBox=\"0 0 " + Plot.WIDTH + " " + plot.height() + "\"";
    return box + element.substring("<svg".length());
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
