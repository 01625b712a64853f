package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/parleychat/parley/auth"
	"github.com/parleychat/parley/chat"
	"github.com/parleychat/parley/picture"
	"github.com/parleychat/parley/protocol"
)

func (a *api) routePictures() {
	const tag = "People"
	personal(a, operation{
		id: "setPicture", method: http.MethodPut, path: "/api/v1/me/picture", tag: tag, maxBody: maxPictureBody,
		title: "Show a picture beside one's name",
		about: "A PNG, JPEG or WebP file of at most 256 KiB and 4 million pixels, ten a minute. The server makes a square of at most 256 by 256 pixels of it, a photograph turned as its camera says, and keeps nothing else of the file.",
		codes: []chat.Code{chat.Busy},
	}, a.setPicture)
	personal(a, operation{
		id: "removePicture", method: http.MethodDelete, path: "/api/v1/me/picture", tag: tag, status: http.StatusOK,
		title: "Take one's picture away",
	}, a.removePicture)
	open(a, operation{
		id: "getPicture", method: http.MethodGet, path: "/api/v1/pictures/{picture}", tag: tag, unchanged: true,
		title: "The picture of somebody",
		about: "Its address is made of its bytes, so it can be kept for ever, and asked for with If-None-Match is answered 304. Whoever knows it may see it: pages show images without a token. It has a limit of its own, 6,000 a minute from one address.",
	}, a.picture)
}

// maxPictureBody holds the largest file in base64.
const maxPictureBody = picture.MaxBytes/3*4 + 1<<10

type setPictureIn struct {
	Body protocol.NewPicture
}

// setPicture makes the person's picture of a file.
func (a *api) setPicture(ctx context.Context, who auth.Identity, in *setPictureIn) (*said[protocol.Self], error) {
	if err := a.countPicture(who.User.ID); err != nil {
		return nil, err
	}
	file, err := base64.StdEncoding.DecodeString(in.Body.Image)
	if err != nil {
		return nil, chat.Errorf(chat.Invalid, "image is a file in base64.")
	}
	return a.pictured(a.cfg.Auth.SetPicture(ctx, who.User.ID, file))
}

// removePicture takes the person's picture away.
func (a *api) removePicture(ctx context.Context, who auth.Identity, _ *nothing) (*said[protocol.Self], error) {
	if err := a.countChange(who.User.ID); err != nil {
		return nil, err
	}
	return a.pictured(a.cfg.Auth.RemovePicture(ctx, who.User.ID))
}

func (a *api) pictured(user auth.User, err error) (*said[protocol.Self], error) {
	if err != nil {
		return nil, err
	}
	a.cfg.Hub.KnowPeople(user.Person())
	a.cfg.ShownAnew(user.ID)
	return say(self(user.Person(), user.Role)), nil
}

type pictureIn struct {
	Picture string `path:"picture" doc:"its id"`
	Held    string `header:"If-None-Match" doc:"the ETag of an answer that the caller still has"`
}

// PictureOut is an image that may be kept for ever, and that is nothing but an
// image wherever it is opened.
type PictureOut struct {
	Status       int
	Type         string `header:"Content-Type" doc:"image/jpeg or image/png"`
	CacheControl string `header:"Cache-Control"`
	Tag          string `header:"ETag"`
	Policy       string `header:"Content-Security-Policy"`
	Disposition  string `header:"Content-Disposition"`
	Body         []byte
}

// picture gives a picture that somebody has.
func (a *api) picture(ctx context.Context, in *pictureIn) (*PictureOut, error) {
	if len(in.Picture) > maxPictureID {
		return nil, chat.Errorf(chat.NotFound, "There is no such picture.")
	}
	found, err := a.cfg.Auth.Picture(ctx, in.Picture, client(requestOf(ctx)))
	if err != nil {
		return nil, err
	}
	out := &PictureOut{
		Status:       http.StatusOK,
		Type:         found.Type,
		CacheControl: "public, max-age=31536000, immutable",
		Tag:          `"` + found.ID + `"`,
		Policy:       "default-src 'none'; sandbox; frame-ancestors 'none'",
		Disposition:  "inline",
		Body:         found.Body,
	}
	if strings.Contains(in.Held, out.Tag) { // also among others, and as a weak one
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}

// maxPictureID bounds what is looked for.
const maxPictureID = 64
