@NullMarked
package io.popsight.service.access;

import org.jspecify.annotations.NullMarked;
