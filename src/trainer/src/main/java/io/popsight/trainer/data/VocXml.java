package io.popsight.trainer.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** An element of an annotation file. */
record VocXml(Element element) {

  /** The root of a file. Document types, and with them external entities, are refused. */
  static VocXml parse(Path file) throws IOException, SAXException {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      DocumentBuilder builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      return new VocXml(builder.parse(file.toFile()).getDocumentElement());
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Direct children only: a person's parts have boxes of their own further down. */
  List<VocXml> children(String name) {
    List<VocXml> found = new ArrayList<>();
    NodeList nodes = element.getElementsByTagName(name);
    for (int i = 0; i < nodes.getLength(); i++) {
      if (nodes.item(i) instanceof Element child && element.isSameNode(child.getParentNode())) {
        found.add(new VocXml(child));
      }
    }
    return found;
  }

  /** Text of the first child of a name, empty when there is none. */
  String text(String name) {
    List<VocXml> found = children(name);
    return found.isEmpty() ? "" : found.getFirst().element.getTextContent().strip();
  }

  /** Number in the first child of a name, NaN when there is none. */
  float number(String name) {
    try {
      return Float.parseFloat(text(name));
    } catch (NumberFormatException e) {
      return Float.NaN;
    }
  }
}
