package io.popsight.trainer.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.Attributes;
import org.xml.sax.Locator;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** An element of an annotation file. */
record VocXml(Element element) {

  private static final String LINE = "line";

  /** The root of a file. Document types, and with them external entities, are refused. */
  static VocXml parse(Path file) throws IOException, SAXException {
    try {
      SAXParserFactory factory = SAXParserFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      Builder builder =
          new Builder(DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument());
      factory.newSAXParser().parse(file.toFile(), builder);
      return new VocXml(builder.document.getDocumentElement());
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A tree whose elements know their lines, which the platform's own tree builder forgets. */
  private static final class Builder extends DefaultHandler {
    private final Document document;
    private final Deque<Node> open = new ArrayDeque<>();
    private Optional<Locator> locator = Optional.empty();

    Builder(Document document) {
      this.document = document;
      open.push(document);
    }

    @Override
    public void setDocumentLocator(Locator locator) {
      this.locator = Optional.of(locator);
    }

    @Override
    public void startElement(String uri, String local, String name, Attributes attributes) {
      Element element = document.createElement(name);
      element.setUserData(LINE, locator.map(Locator::getLineNumber).orElse(0), null);
      open.element().appendChild(element);
      open.push(element);
    }

    @Override
    public void endElement(String uri, String local, String name) {
      open.pop();
    }

    @Override
    public void characters(char[] text, int start, int length) {
      open.element().appendChild(document.createTextNode(new String(text, start, length)));
    }
  }

  /** The line of the file that it starts on. */
  int line() {
    return (int) element.getUserData(LINE);
  }

  /** What the element is called. */
  String name() {
    return element.getTagName();
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
