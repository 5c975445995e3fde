package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

// maxCRDBytes is the most a client-side apply can hold in its annotation (design section 4).
const maxCRDBytes = 256 * 1024

// lint checks files of one CustomResourceDefinition each with the API server's
// own strict decoding and validation, and returns the exit code: 0 when all pass.
func lint(files []string) int {
	if len(files) == 0 {
		fmt.Fprintln(os.Stderr, "usage: control-plane crdlint FILE...")
		return 2
	}
	scheme := runtime.NewScheme()
	install.Install(scheme)
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	code := 0
	for _, file := range files {
		if err := lintFile(scheme, decoder, file); err != nil {
			fmt.Printf("FAIL  %s\n%v\n", file, err)
			code = 1
			continue
		}
		fmt.Printf("ok    %s\n", file)
	}
	return code
}

// lintFile returns every reason for which the API server would refuse the file.
func lintFile(scheme *runtime.Scheme, decoder runtime.Decoder, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if len(data) > maxCRDBytes {
		return fmt.Errorf("%d bytes: over the %d that kubectl apply can keep", len(data), maxCRDBytes)
	}
	object, _, err := decoder.Decode(data, nil, nil)
	if err != nil {
		return err
	}
	crd, ok := object.(*v1.CustomResourceDefinition)
	if !ok {
		return fmt.Errorf("holds a %T, not a CustomResourceDefinition of apiextensions.k8s.io/v1", object)
	}
	v1.SetDefaults_CustomResourceDefinition(crd)
	v1.SetDefaults_CustomResourceDefinitionSpec(&crd.Spec)
	internal := &apiextensions.CustomResourceDefinition{}
	if err := scheme.Convert(crd, internal, nil); err != nil {
		return err
	}
	// The API server sets the stored versions before it validates.
	for _, version := range internal.Spec.Versions {
		if version.Storage {
			internal.Status.StoredVersions = []string{version.Name}
		}
	}
	problems := validation.ValidateCustomResourceDefinition(context.Background(), internal)
	wrapped := make([]error, 0, len(problems))
	for _, problem := range problems {
		wrapped = append(wrapped, problem)
	}
	return errors.Join(wrapped...)
}
