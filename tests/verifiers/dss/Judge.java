import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;

/** Prints for each document after the first argument, a trusted certificate: name, format, verdict and its reason. */
public class Judge {
    public static void main(String[] arguments) {
        var trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(arguments[0])));
        for (int index = 1; index < arguments.length; index++) {
            var file = new File(arguments[index]);
            var verifier = new CommonCertificateVerifier();
            verifier.setAIASource(null);
            verifier.setTrustedCertSources(trusted);
            var validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
            validator.setCertificateVerifier(verifier);
            var report = validator.validateDocument().getSimpleReport();
            var id = report.getFirstSignatureId();
            System.out.printf(
                    "%s\t%s\t%s\t%s%n",
                    file.getName(),
                    report.getSignatureFormat(id),
                    report.getIndication(id),
                    report.getSubIndication(id));
        }
    }
}
